"""The packages that the lock files pin, as package URLs."""

import json
import tomllib
from pathlib import Path
from urllib.parse import quote

PYTHON_LOCK = Path("uv.lock")
NODE_LOCK = Path("frontend/package-lock.json")


def locked_packages(root: Path) -> dict[str, list[str]]:
    """Return the package URLs of each lock file below ``root``, sorted and without repetition.

    A package URL is ``pkg:pypi/<name>@<version>`` or ``pkg:npm/<name>@<version>``
    (ECMA-427). The project's own packages have no registry and are left out.

    Raises:
        OSError, ValueError: a lock file cannot be read.
    """
    return {
        str(PYTHON_LOCK): _python(root / PYTHON_LOCK),
        str(NODE_LOCK): _node(root / NODE_LOCK),
    }


def _python(path: Path) -> list[str]:
    packages = tomllib.loads(path.read_text(encoding="utf-8"))["package"]
    return sorted(
        {
            f"pkg:pypi/{package['name']}@{quote(package['version'])}"
            for package in packages
            if "registry" in package["source"]
        }
    )


def _node(path: Path) -> list[str]:
    packages = json.loads(path.read_text(encoding="utf-8"))["packages"]
    found = set()
    for place, package in packages.items():
        _, installed, name = place.rpartition("node_modules/")
        if installed and not package.get("link"):
            name = package.get("name", name)
            found.add(f"pkg:npm/{quote(name)}@{quote(package['version'])}")
    return sorted(found)
