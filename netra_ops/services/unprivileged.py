"""PostgreSQL refuses to run as root, so root runs it as ``nobody``; where can that user reach?"""

import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from netra_ops.errors import StorageRefused
from netra_ops.services.secret_file import read_or_create_secret

UNPRIVILEGED_NAME = "nobody"
SHARED_STATE = Path("/var/lib/netra")  # FHS 3.0 section 5.8: state that programs keep
_PROBE_SECONDS = 10.0
_NOT_COPIED = shutil.ignore_patterns("include", "doc", "man", "pgxs", "__pycache__")


@dataclass(frozen=True)
class Unprivileged:
    """The user that servers run as when the caller is root."""

    uid: int
    gid: int

    def can_enter(self, directory: Path) -> bool:
        """Return whether this user can change into ``directory``; asked of the kernel, as the user.

        Reading mode bits would miss access lists, mandatory access control and user mappings.
        """
        return self._succeeds(["/bin/sh", "-c", 'cd -- "$1"', "sh", str(directory)])

    def can_execute(self, program: Path) -> bool:
        """Return whether this user can run ``program --version``."""
        return self._succeeds([str(program), "--version"])

    def _succeeds(self, argv: list[str]) -> bool:
        try:
            finished = subprocess.run(
                argv, user=self.uid, group=self.gid, extra_groups=[], cwd="/",
                stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=_PROBE_SECONDS,
            )  # fmt: skip
        except OSError:
            return False  # the exec itself was refused: the answer to the question is no
        return finished.returncode == 0


def needed_user() -> Unprivileged | None:
    """Return who a server that refuses root must run as; None when the caller is not root."""
    if os.geteuid() != 0:
        return None
    entry = pwd.getpwnam(UNPRIVILEGED_NAME)
    return Unprivileged(entry.pw_uid, entry.pw_gid)


def reachable_directory(wanted: Path, user: Unprivileged, *, throwaway: bool) -> Path:
    """Return ``wanted``, or a substitute outside it when ``user`` cannot reach ``wanted``.

    A checkout under /root (mode 700) is the usual reason. The substitute lies below
    /var/lib/netra, or below the temporary directory for data that is not kept. It is the same
    on every call, derived from the path and from a random id kept in ``wanted``: who deletes
    ``wanted`` and starts again gets new data, not data that old secrets protect. Its file
    ``origin`` names ``wanted``.

    Raises:
        StorageRefused: there is no substitute either.
    """
    if user.can_enter(wanted):
        return wanted
    identity = read_or_create_secret(wanted / "substitute-id")
    name = hashlib.sha256(os.fsencode(wanted.resolve()) + identity.encode()).hexdigest()[:16]
    base = Path(tempfile.gettempdir()) / "netra-throwaway" if throwaway else SHARED_STATE
    substitute = base / name
    _make_shared(substitute, because=wanted, user=user)
    (substitute / "origin").write_text(f"{wanted}\n")
    return substitute


def reachable_package(package: Path, program: str, user: Unprivileged) -> Path:
    """Return ``package`` or a copy of it that ``user`` can execute ``program`` from.

    The copy is made once per version of the package, below /var/lib/netra. A wheel keeps the
    libraries of its programs beside itself, in ``<package>.libs``; they are copied along and
    keep their relative place.

    Raises:
        StorageRefused: the copy cannot be made or still cannot be executed.
    """
    if user.can_execute(package / program):
        return package
    copy = SHARED_STATE / f"{package.name}-{_fingerprint(package / program)}"
    if not copy.exists():
        _make_shared(SHARED_STATE, because=package, user=user)
        draft = Path(tempfile.mkdtemp(prefix=f".{copy.name}-", dir=SHARED_STATE))
        try:
            draft.chmod(0o755)
            for source in (package, package.with_name(f"{package.name}.libs")):
                if source.exists():
                    shutil.copytree(source, draft / source.name, symlinks=True, ignore=_NOT_COPIED)
            draft.rename(copy)
        except OSError as error:
            if not copy.exists():  # else another process was first, which is as good
                raise _refused(SHARED_STATE, package, error) from error
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    if not user.can_execute(copy / package.name / program):
        raise _refused(copy, package, "it cannot be executed there")
    return copy / package.name


def _make_shared(directory: Path, *, because: Path, user: Unprivileged) -> None:
    try:
        directory.mkdir(mode=0o755, parents=True, exist_ok=True)
    except OSError as error:
        raise _refused(directory, because, error) from error
    if directory.stat().st_uid != os.geteuid():
        raise _refused(directory, because, "it belongs to another user")
    if not user.can_enter(directory):
        raise _refused(directory, because, f"user {UNPRIVILEGED_NAME!r} cannot reach it either")


def _fingerprint(program: Path) -> str:
    status = program.stat()
    identity = f"{status.st_size}-{status.st_mtime_ns}"
    return hashlib.sha256(identity.encode()).hexdigest()[:16]


def _refused(directory: Path, because: Path, reason: object) -> StorageRefused:
    return StorageRefused(
        f"PostgreSQL cannot run as root, user {UNPRIVILEGED_NAME!r} cannot reach {because}, "
        f"and {directory} is no substitute: {reason}",
        remedy="run as a normal user, or move the project below a directory of mode 755",
    )
