"""Which category a test belongs to: its folder decides.

A folder's name is the one thing that cannot be forgotten, so no one writes these marks by hand.
The exception is ``mission_critical``: it may be added to a test of another category, which then
belongs to both.
"""

from itertools import pairwise
from pathlib import PurePath

NIGHTLY = "nightly"  # too long for every change; runs only when it is asked for
EVERY_CHANGE = ("unit", "integration", "mission_critical", "e2e")
CATEGORIES = (*EVERY_CHANGE, NIGHTLY)
ADDABLE_BY_HAND = frozenset({"mission_critical"})

# The first match wins; a pair of neighbouring folder names, so that `x/tests/unit/e2e` is unit.
_FOLDERS = {
    ("tests", "unit"): "unit",
    ("tests", "integration"): "integration",
    ("tests", "resilience"): "integration",
    ("tests", "mission_critical"): "mission_critical",
    ("tests", "e2e"): "e2e",
    ("tests", "nightly"): NIGHTLY,
}


def category_of(path: str) -> str | None:
    """Return the category of the test file at ``path`` (relative), None when it has none."""
    for pair in pairwise(PurePath(path).parts):
        if category := _FOLDERS.get(pair):
            return category
    return None


def objection(category: str | None, marked_by_hand: frozenset[str]) -> str | None:
    """Say what is wrong with a test's place and marks; None when nothing is.

    Args:
        category: what ``category_of`` returned.
        marked_by_hand: category marks that the test's own code carries.
    """
    if category is None:
        return (
            "is in no category folder; move it under tests/unit, tests/integration, "
            "tests/mission_critical or tests/e2e"
        )
    wrong = sorted(marked_by_hand - ADDABLE_BY_HAND - {category})
    if wrong:
        return f"is in the folder of {category} and marked {', '.join(wrong)}; remove the mark"
    return None
