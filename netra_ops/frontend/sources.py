"""Whether the built frontend is the one that these sources make."""

import hashlib
import json
import re
from pathlib import Path

# The same inputs, in the same order, as frontend/scripts/identity.ts; a test compares the two.
INPUTS = (
    "package-lock.json",
    "package.json",
    "next.config.ts",
    "tsconfig.json",
    "src",
    "public",
    "scripts",
    "server",
)
_IGNORED = re.compile(r"\.(test|spec)\.tsx?$|(^|/)(dist|node_modules)(/|$)")
LOCK_STAMP = "node_modules/.netra-lock"


def source_digest(frontend: Path) -> str:
    """Return the digest that ``out/version.json`` has when it was built from these sources."""
    names = sorted(
        path.relative_to(frontend).as_posix()
        for entry in INPUTS
        for path in _files(frontend, entry)
    )
    total = hashlib.sha256()
    for name in names:
        total.update(name.encode() + b"\0" + (frontend / name).read_bytes() + b"\0")
    return total.hexdigest()


def built_digest(frontend: Path) -> str | None:
    """Return the digest of what ``out`` was built from; None when nothing was built."""
    try:
        document = json.loads((frontend / "out" / "version.json").read_text())
        return str(document["digest"])
    except (OSError, ValueError, KeyError):
        return None


def lock_digest(frontend: Path) -> str:
    """Return what identifies the packages that ``package-lock.json`` names."""
    return hashlib.sha256((frontend / "package-lock.json").read_bytes()).hexdigest()


def packages_are_current(frontend: Path) -> bool:
    """Return whether ``node_modules`` was installed from the present lock file."""
    try:
        return (frontend / LOCK_STAMP).read_text() == lock_digest(frontend)
    except OSError:
        return False


def _files(frontend: Path, entry: str) -> list[Path]:
    path = frontend / entry
    if path.is_file():
        return [path]
    return [
        found
        for found in path.rglob("*")
        if found.is_file() and not _IGNORED.search(found.relative_to(frontend).as_posix())
    ]
