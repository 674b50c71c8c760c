"""Which parts of a configuration the stand-in did not check, as lines for its output."""

from collections.abc import Iterable, Iterator, Sequence

from netra_cloud.terraform.compute_mapping import COLLECTION_OF
from netra_cloud.terraform.configuration import Configuration
from netra_cloud.terraform.linter import RULES
from netra_cloud.terraform.not_judged import not_judged
from netra_cloud.terraform.stand_in.survey import Survey

_SHOWN = 12  # of one kind; a stack of 1,200 resources has some hundred types
_REMOTE_STATE = "data.terraform_remote_state."


def not_checked(found: Survey, configuration: Configuration) -> list[str]:
    """Return one line for each kind of thing that no rule of the API has seen.

    Args:
        found: what the files ask for.
        configuration: the same, evaluated.
    """
    ruled = {name for rule in RULES for name in rule.types} | COLLECTION_OF.keys()
    schema_only = sorted(name for name in found.resources if name not in ruled)
    data = [str(place) for place in found.data if not place.name.startswith(_REMOTE_STATE)]
    remote = [str(place) for place in found.data if place.name.startswith(_REMOTE_STATE)]
    unresolved = [
        f"{entry.address}: {entry.detail} ({entry.file.name}:{entry.line})"
        for entry in not_judged(configuration)
    ]
    return list(
        _lines(
            ("Checked against the schema alone", schema_only),
            ("Data sources answered with placeholders", data),
            ("Read by terraform itself, from the real backend", remote),
            ("Run by terraform itself at apply: provisioners of", map(str, found.provisioners)),
            ("Not judged", unresolved),
        )
    )


def _lines(*kinds: tuple[str, Iterable[str]]) -> Iterator[str]:
    for title, names in kinds:
        listed = list(names)
        if listed:
            yield f"{title}: {_shown(listed)}."


def _shown(names: Sequence[str]) -> str:
    more = len(names) - _SHOWN
    listed = ", ".join(names[:_SHOWN])
    return f"{listed} and {more} more" if more > 0 else listed
