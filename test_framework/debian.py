"""Programs of Debian packages for tests, unpacked beside the checkout: nothing is installed.

``apt-get download`` and ``dpkg-deb --extract`` need no root and start no service. The programs
used here are static or need only libc.
"""

import fcntl
import os
import shutil
import subprocess
from pathlib import Path

from netra_ops.errors import SomethingAbsent
from test_framework.project import PROJECT_ROOT

FOLDER = PROJECT_ROOT / ".netra" / "debian"
APT_SECONDS = 300.0  # up to 60 MB to download


def ensure_program(program: str, package: str) -> Path:
    """Return ``program``: that on ``PATH``, else the one of Debian's ``package``, unpacked once.

    Safe when several processes call it concurrently: one downloads, the others wait for it.

    Raises:
        SomethingAbsent: it is not on ``PATH`` and cannot be downloaded.
    """
    if found := shutil.which(program):
        return Path(found)
    place = FOLDER / package
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / f"{package}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if unpacked := _in(place, program):
            return unpacked
        apt, dpkg = shutil.which("apt-get"), shutil.which("dpkg-deb")
        if apt is None or dpkg is None:
            raise SomethingAbsent(
                f"{program} is not on PATH, and this is no Debian", remedy=f"install {package}"
            )
        place.mkdir(exist_ok=True)
        if _run([apt, "download", package], place) != 0 and os.geteuid() == 0:
            _run([apt, "update"], place)  # a fresh machine has no package lists
            _run([apt, "download", package], place)
        for archive in place.glob("*.deb"):
            _run([dpkg, "--extract", str(archive), str(place)], place)
            archive.unlink()
        if unpacked := _in(place, program):
            return unpacked
    raise SomethingAbsent(f"apt-get cannot download {package}", remedy=f"apt install {package}")


def _in(place: Path, program: str) -> Path | None:
    found = place / "usr" / "bin" / program
    return found if found.is_file() else None


def _run(argv: list[str], folder: Path) -> int:
    try:
        return subprocess.run(
            argv,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
            timeout=APT_SECONDS,
        ).returncode
    except subprocess.TimeoutExpired:
        return 124  # as timeout(1) has it
