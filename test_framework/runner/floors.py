"""The fewest tests that may run, per category; kept in the repository so that a drop is a diff."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

from test_framework.categories import CATEGORIES
from test_framework.project import PROJECT_ROOT

FLOORS_FILE = PROJECT_ROOT / "tests" / "floors.toml"

_HEADER = """\
# The fewest tests that must run in each category. The runner fails below them, so tests cannot
# disappear unnoticed: by a renamed folder, a collection that stops early, a deselection.
# Raise them with: python tests/unified_test_runner.py --raise-floors
# Lower one by hand, and say in the commit which tests went and why.
"""


def read_floors(path: Path = FLOORS_FILE) -> dict[str, int]:
    """Return the floor of every category.

    Raises:
        ValueError: the file names no number for a category, or an unknown category.
        FileNotFoundError: there is no such file.
    """
    floors = tomllib.loads(path.read_text())
    if set(floors) != set(CATEGORIES) or not all(isinstance(n, int) for n in floors.values()):
        raise ValueError(f"{path} must give one whole number for each of {', '.join(CATEGORIES)}")
    return floors


def write_raised(counts: Mapping[str, int], path: Path = FLOORS_FILE) -> dict[str, int]:
    """Raise floors to ``counts`` where these are higher; returns and writes the result."""
    raised = {name: max(floor, counts.get(name, 0)) for name, floor in read_floors(path).items()}
    lines = "".join(f"{name} = {raised[name]}\n" for name in CATEGORIES)
    path.write_text(_HEADER + lines)
    return raised
