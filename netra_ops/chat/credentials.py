"""Where ``netra chat`` keeps who is signed in: one file for each platform, mode 600."""

import asyncio
import fcntl
import os
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import platformdirs

from netra_client.errors import DeadlinePassed
from netra_client.models import TokenPair
from netra_client.token_source import Refresher
from netra_ops.errors import StorageRefused

LOCK_SECONDS = 20.0  # longer than one exchange may take (ClientTimeouts.http)
LOCK_POLL_SECONDS = 0.05


class StoredSession(msgspec.Struct, frozen=True):
    """A sign-in. ``issued_at`` in Unix seconds of this machine."""

    email: str
    access_token: str
    expires_in: float
    refresh_token: str
    issued_at: float

    def __repr__(self) -> str:
        """Never show a token."""
        return f"StoredSession(email={self.email!r})"

    @property
    def age(self) -> float:
        """Seconds since the tokens were issued; a clock set back makes them old, not young."""
        age = time.time() - self.issued_at
        return age if age >= 0 else self.expires_in

    @property
    def pair(self) -> TokenPair:
        """The tokens, with what is left of the access token's life."""
        left = max(0.0, self.expires_in - self.age)
        return TokenPair(self.access_token, left, self.refresh_token)


class CredentialStore:
    """The session on one platform.

    Args:
        environment: name of the environment.
        base_url: the platform's address: two local stacks have different accounts.
        directory: of the files; the user's configuration directory when None.
    """

    def __init__(self, environment: str, base_url: str, directory: Path | None = None) -> None:
        base = directory or Path(platformdirs.user_config_dir("netra")) / "sessions"
        host = re.sub(r"[^A-Za-z0-9.-]+", "_", base_url.partition("://")[2])
        self._path = base / f"{environment}-{host}.json"

    def load(self) -> StoredSession | None:
        """Return the session; None when there is none, or the file is unreadable."""
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=StoredSession)
        except (FileNotFoundError, msgspec.MsgspecError):
            return None

    def save(self, email: str, pair: TokenPair) -> None:
        """Replace the session in one step; a crash leaves the old file or the new one."""
        session = StoredSession(
            email, pair.access_token, pair.expires_in, pair.refresh_token, time.time()
        )
        draft = self._path.with_suffix(f".{os.getpid()}.new")
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft.unlink(missing_ok=True)
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(msgspec.json.encode(session))
            draft.replace(self._path)
        except OSError as error:
            raise StorageRefused(
                f"cannot store the session in {self._path.parent}: {error.strerror}",
                remedy="set XDG_CONFIG_HOME to a directory of yours",
            ) from error

    def delete(self) -> None:
        """Forget the session."""
        self._path.unlink(missing_ok=True)

    @asynccontextmanager
    async def locked(self) -> AsyncIterator[None]:
        """Keep other processes of this user from renewing the same session meanwhile."""
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self._path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            give_up = time.monotonic() + LOCK_SECONDS
            while not _try_lock(descriptor):
                if time.monotonic() >= give_up:
                    raise DeadlinePassed("session lock", LOCK_SECONDS)
                await asyncio.sleep(LOCK_POLL_SECONDS)
            yield
        finally:
            os.close(descriptor)


class SharedRefresher:
    """Renews a session that several terminals share.

    Two processes that both presented the stored refresh token would look like a thief to the
    server, which then revokes the session. So the exchange is made under a lock, and whoever
    comes second finds the new tokens in the file.
    """

    def __init__(self, identity: Refresher, store: CredentialStore) -> None:
        self._identity = identity
        self._store = store

    async def refresh(self, refresh_token: str) -> TokenPair:
        """Return the pair that another process has stored meanwhile, or a new one."""
        async with self._store.locked():
            stored = self._store.load()
            if (
                stored is not None
                and stored.refresh_token != refresh_token
                and stored.pair.expires_in
            ):
                return stored.pair
            spent = stored.refresh_token if stored is not None else refresh_token
            pair = await self._identity.refresh(spent)
            if stored is not None:
                self._store.save(stored.email, pair)
            return pair


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
