"""What a readiness document says about the stores. Pure.

Source of the shape: draft-inadarei-api-health-check-06.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

STORES = {"redis": "redis", "database": "database"}


@dataclass(frozen=True, slots=True)
class StoreCheck:
    """One check: whether it passed, and seconds it took, if it says so."""

    passed: bool
    seconds: float | None


def store_checks(document: Mapping[str, Any]) -> dict[str, StoreCheck]:
    """Return the checks of the stores by name; empty when the document has no details."""
    found = {}
    checks = document.get("checks")
    for key, entries in checks.items() if isinstance(checks, dict) else ():
        name = STORES.get(str(key).partition(":")[0])
        if name is None or not isinstance(entries, list) or not entries:
            continue
        entry = entries[0]
        if not isinstance(entry, dict):
            continue
        value = entry.get("observedValue")
        is_milliseconds = entry.get("observedUnit") == "ms"
        seconds = value / 1000 if isinstance(value, int | float) and is_milliseconds else None
        found[name] = StoreCheck(entry.get("status") == "pass", seconds)
    return found
