"""The list ``lazy_modules.txt``: what was observed, one module a line with who wanted it."""

from collections.abc import Mapping
from dataclasses import dataclass

OURS = ("netra_", "auth_service")


@dataclass(frozen=True, slots=True)
class Comparison:
    """What an observation says about the list.

    Attributes:
        missing: observed and not listed, with who imported them.
        unseen: listed and not observed; another model or another day may need them.
        ours: observed modules of ours; no list helps, their import belongs to a module's top.
    """

    missing: Mapping[str, str]
    unseen: tuple[str, ...]
    ours: Mapping[str, str]


def compare(listed: tuple[str, ...], observed: Mapping[str, str]) -> Comparison:
    """Compare the list with an observation."""
    ours = {name: who for name, who in observed.items() if name.startswith(OURS)}
    missing = {
        name: who for name, who in observed.items() if name not in listed and name not in ours
    }
    return Comparison(missing, tuple(name for name in listed if name not in observed), ours)


def refreshed(text: str, missing: Mapping[str, str], dropped: tuple[str, ...] = ()) -> str:
    """Return the list's text with ``missing`` added and ``dropped`` taken out; comments stay."""
    kept = [line for line in text.splitlines() if line.partition("#")[0].strip() not in {*dropped}]
    added = [f"{name}  # {who} imports it at first use" for name, who in sorted(missing.items())]
    return "".join(f"{line}\n" for line in [*kept, *added])
