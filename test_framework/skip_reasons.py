"""Which skips and expected failures are accounted for.

A reason is accounted for when it names an issue (``#123`` or the URL of one), or when it is listed,
word for word, in ``accepted_skips.toml`` together with what makes it legitimate.
"""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

ACCEPTED_FILE = Path(__file__).with_name("accepted_skips.toml")
ISSUE = re.compile(r"(?<![\w&])#[1-9]\d*\b|https?://\S+/(?:issues|pull)/[1-9]\d*\b")


@dataclass(frozen=True)
class AcceptedSkip:
    """A reason, and why a test may be skipped for it although nothing is broken."""

    reason: str
    because: str


def load_accepted(path: Path = ACCEPTED_FILE) -> tuple[AcceptedSkip, ...]:
    """Read the reasons on file.

    Raises:
        ValueError: an entry lacks its reason or its justification.
    """
    entries = tomllib.loads(path.read_text()).get("skip", [])
    accepted = []
    for entry in entries:
        if set(entry) != {"reason", "because"} or not all(map(str.strip, entry.values())):
            raise ValueError(f"{path}: an entry needs exactly `reason` and `because`: {entry}")
        accepted.append(AcceptedSkip(entry["reason"], entry["because"]))
    return tuple(accepted)


def is_accounted_for(reason: str, accepted: tuple[AcceptedSkip, ...]) -> bool:
    """Return whether ``reason`` names an issue or is on file.

    Args:
        reason: as given to pytest; its prefix ``Skipped: `` is ignored.
        accepted: from ``load_accepted``.
    """
    bare = reason.removeprefix("Skipped: ").strip()
    return bool(ISSUE.search(bare)) or any(bare == known.reason for known in accepted)
