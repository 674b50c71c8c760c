"""Traffic of one service as a value: which revision gets how much, under which tag.

The rules are those of Cloud Run's ``TrafficTarget``: percentages of all targets add up to 100; a
tag with 0 % is reachable through its own address only; LATEST follows every new revision. Source:
https://docs.cloud.google.com/run/docs/reference/rest/v2/TrafficTarget
"""

from collections.abc import Iterable
from dataclasses import dataclass

WHOLE = 100
CANDIDATE_TAG = "candidate"
STABLE_TAG = "stable"


@dataclass(frozen=True)
class Target:
    """One line of a split.

    Attributes:
        revision: short name; None follows the latest ready revision.
        percent: share of new requests.
        tag: name of its own address; empty for none.
    """

    revision: str | None
    percent: int
    tag: str = ""


Split = tuple[Target, ...]


def whole_to(revision: str | None, *, tags: Iterable[Target] = ()) -> Split:
    """Return everything to one revision, or to the latest one with None; ``tags`` get 0 %."""
    return (Target(revision, WHOLE), *(Target(t.revision, 0, t.tag) for t in tags if t.tag))


def staged(split: Split, candidate: str) -> Split:
    """Return ``split`` with the candidate at 0 % under its tag; a former candidate loses it."""
    kept = tuple(target for target in split if target.tag != CANDIDATE_TAG)
    return (*kept, Target(candidate, 0, CANDIDATE_TAG))


def shared(stable: str, candidate: str, percent: int) -> Split:
    """Return a split with ``percent`` for the candidate and the rest for the stable revision.

    Both keep their tags, so that each can be asked on its own.

    Raises:
        ValueError: not between 0 and 100.
    """
    if not 0 <= percent <= WHOLE:
        raise ValueError(f"percent must be between 0 and 100, not {percent}")
    return (
        *(_share(stable, WHOLE - percent)),
        *(_share(candidate, percent)),
        Target(stable, 0, STABLE_TAG),
        Target(candidate, 0, CANDIDATE_TAG),
    )


def resolved(split: Split, latest: str) -> dict[str, int]:
    """Return the share of each revision, LATEST replaced; revisions at 0 % are left out.

    An empty split means everything to the latest revision.
    """
    shares: dict[str, int] = {}
    for target in split or whole_to(None):
        name = target.revision or latest
        shares[name] = shares.get(name, 0) + target.percent
    return {name: percent for name, percent in shares.items() if percent}


def is_pinned(split: Split) -> bool:
    """Return whether the next deploy of any tool would get 0 %: nothing follows the latest."""
    return bool(split) and not any(t.revision is None and t.percent for t in split)


def problems(split: Split) -> list[str]:
    """Return what Cloud Run would refuse, as sentences."""
    total = sum(target.percent for target in split)
    tags = [target.tag for target in split if target.tag]
    found = []
    if split and total != WHOLE:
        found.append(f"percentages add up to {total}, not to 100")
    if len(set(tags)) != len(tags):
        found.append("a tag is used twice")
    found += [f"{t.revision or 'LATEST'}: {t.percent} %" for t in split if t.percent < 0]
    return found


def _share(revision: str, percent: int) -> tuple[Target, ...]:
    return (Target(revision, percent),) if percent else ()
