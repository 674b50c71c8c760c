"""The local Secret Manager: versions of secrets in the durable store."""

import msgspec

from netra_cloud.run.core.errors import NotFound
from netra_cloud.run.core.secrets import SecretVersion, access
from netra_cloud.run.store import Store

_PREFIX = "secret/"


class Secrets:
    """Adds, disables and reads versions."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, name: str, value: str) -> int:
        """Add a version and return its number."""
        versions = [*self._versions(name), SecretVersion(value)]
        self._write(name, versions)
        return len(versions)

    def enable(self, name: str, number: int, *, enabled: bool) -> None:
        """Enable or disable a version.

        Raises:
            NotFound: there is none.
        """
        versions = self._versions(name)
        if not 1 <= number <= len(versions):
            raise NotFound(f"Secret [{name}] has no version [{number}].")
        versions[number - 1] = SecretVersion(versions[number - 1].value, enabled)
        self._write(name, versions)

    def states(self, name: str) -> list[bool]:
        """Return for each version, oldest first, whether it is enabled; empty for no secret."""
        return [version.enabled for version in self._versions(name)]

    def read(self, name: str, version: str) -> str:
        """Return a version's value.

        Raises:
            SecretUnreadable: it does not exist or is disabled.
        """
        bare = name.rpartition("/")[2]
        return access(bare, self._versions(bare), version)

    def _versions(self, name: str) -> list[SecretVersion]:
        body = self._store.fact(_PREFIX + name)
        return msgspec.json.decode(body, type=list[SecretVersion]) if body else []

    def _write(self, name: str, versions: list[SecretVersion]) -> None:
        self._store.put_fact(_PREFIX + name, msgspec.json.encode(versions).decode())
