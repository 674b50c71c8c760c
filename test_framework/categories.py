"""Which category a test belongs to: its folder decides, and only its folder."""

from pathlib import PurePath

CATEGORIES = ("unit", "integration", "mission_critical", "e2e")

# The first match wins; a pair of neighbouring folder names, so that `x/tests/unit/e2e` is unit.
_FOLDERS = {
    ("tests", "unit"): "unit",
    ("tests", "integration"): "integration",
    ("tests", "resilience"): "integration",
    ("tests", "mission_critical"): "mission_critical",
    ("tests", "e2e"): "e2e",
}


def category_of(path: str) -> str | None:
    """Return the category of the test file at ``path`` (relative), None when it has none."""
    parts = PurePath(path).parts
    for pair in zip(parts, parts[1:], strict=False):
        if category := _FOLDERS.get(pair):
            return category
    return None
