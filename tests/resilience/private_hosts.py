"""A hosts file for one process alone, so that a test can make a name come and go.

A mount namespace binds the test's file over ``/etc/hosts``; root may do that directly, anybody
else inside a user namespace. The resolver reads the file at each look-up.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

_BIND_AND_RUN = 'mount --bind "$1" /etc/hosts; shift; exec "$@"'
TRIAL_SECONDS = 10.0


class PrivateHosts:
    """The hosts file ``path``, which ``prefix`` puts in place of ``/etc/hosts``.

    Attributes:
        prefix: words that run the command after them with this file; empty when ``real`` is false.
        real: whether this user may have a mount namespace that Python runs in.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._names: set[str] = set()
        self._write()
        words = _prefix(path)
        self.real = bool(words) and _succeeds([*words, sys.executable, "-c", ""])
        self.prefix = words if self.real else []

    def know(self, name: str) -> None:
        """Let ``name`` lead to loopback."""
        self._names.add(name)
        self._write()

    def forget(self, name: str) -> None:
        """Let no one know ``name``; the domain ``.internal`` has no public names either."""
        assert self.real
        self._names.discard(name)
        self._write()

    def _write(self) -> None:
        # In place: the namespace holds on to this inode.
        self._path.write_text(" ".join(["127.0.0.1 localhost", *sorted(self._names)]) + "\n")


def _prefix(hosts: Path) -> list[str]:
    unshare = shutil.which("unshare")
    if unshare is None:
        return []
    namespaces = ["--mount"] if os.geteuid() == 0 else ["--user", "--map-root-user", "--mount"]
    return [unshare, *namespaces, "sh", "-ec", _BIND_AND_RUN, "sh", str(hosts)]


def _succeeds(argv: list[str]) -> bool:
    done = subprocess.run(argv, check=False, capture_output=True, timeout=TRIAL_SECONDS)
    return done.returncode == 0
