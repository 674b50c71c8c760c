"""Finds a Chromium for the browser tests, and installs one where this process may."""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from netra_ops.errors import SomethingAbsent

# Debian's name, Ubuntu's, and those of Google's own package; all speak the protocol we need.
PROGRAMS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
OVERRIDE = "NETRA_CHROMIUM"
# Without fonts every text has the width 0 and nothing can be clicked.
PACKAGES = ("chromium", "fonts-liberation")
APT_SECONDS = 600.0  # about 100 MB to download, 15 s to unpack
REMEDY = f"apt install {' '.join(PACKAGES)}, or set {OVERRIDE} to the program of a Chromium"

_APT_ENVIRONMENT = {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}


def find_chromium(environment: Mapping[str, str] = os.environ) -> Path | None:
    """Return the program that ``NETRA_CHROMIUM`` names, or the first one on ``PATH``.

    Raises:
        SomethingAbsent: ``NETRA_CHROMIUM`` names nothing that can be executed.
    """
    if wanted := environment.get(OVERRIDE):
        if not os.access(wanted, os.X_OK) or Path(wanted).is_dir():
            raise SomethingAbsent(f"{OVERRIDE}={wanted} is no program", remedy=f"unset {OVERRIDE}")
        return Path(wanted)
    path = environment.get("PATH", os.defpath)
    found = (shutil.which(name, path=path) for name in PROGRAMS)
    return next((Path(program) for program in found if program), None)


def ensure_chromium(
    environment: Mapping[str, str] = os.environ, *, is_root: bool = os.geteuid() == 0
) -> Path:
    """Return a Chromium; install Debian's when there is none and we are root.

    Safe when several processes call it together: one installs, the others wait for it.

    Raises:
        SomethingAbsent: there is none and it cannot be installed; the remedy is one line.
    """
    if program := find_chromium(environment):
        return program
    apt = shutil.which("apt-get", path=environment.get("PATH", os.defpath))
    if apt is None or not is_root:
        raise SomethingAbsent("no Chromium is installed for the browser tests", remedy=REMEDY)
    with _one_at_a_time():
        if program := find_chromium(environment):
            return program
        sys.stderr.write("installing Chromium for the browser tests (about 100 MB, once)\n")
        _install(apt, environment)
    if program := find_chromium(environment):
        return program
    raise SomethingAbsent("apt-get installed no Chromium", remedy=REMEDY)


def _install(apt: str, environment: Mapping[str, str]) -> None:
    install = ["install", "--yes", "--no-install-recommends", *PACKAGES]
    for arguments in (["update"], install):
        try:
            finished = subprocess.run(
                [apt, "--quiet", *arguments],
                env={**environment, **_APT_ENVIRONMENT},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                check=False,
                timeout=APT_SECONDS,
                text=True,
            )
        except subprocess.TimeoutExpired as error:
            raise SomethingAbsent(
                f"apt-get {arguments[0]} took longer than {APT_SECONDS:g} s", remedy=REMEDY
            ) from error
        if finished.returncode != 0:
            last = finished.stdout.strip().rpartition("\n")[2]
            raise SomethingAbsent(
                f"apt-get {arguments[0]} failed with status {finished.returncode}: {last}",
                remedy=REMEDY,
            )


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    lock = Path(tempfile.gettempdir()) / f"netra-chromium-{os.geteuid()}.lock"
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
