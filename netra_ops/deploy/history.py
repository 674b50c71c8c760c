"""The releases on record, and what changed between two of them."""

import sys
from collections.abc import Iterator
from typing import Any

from netra_ops.deploy.errors import DeployRefused
from netra_ops.deploy.ledger.release import Release, ServiceRelease
from netra_ops.deploy.plan.settings import Change, differences
from netra_ops.deploy.target import ROLES, Target
from netra_ops.terminal import print_json

_OF_A_REVISION = frozenset(
    {"name", "uid", "createTime", "updateTime", "generation", "observedGeneration", "etag"}
    | {"conditions", "logUri", "service", "satisfiesPzs", "creator", "scalingStatus"}
)


def history(target: Target, *, as_json: bool) -> int:
    """Print the releases, newest first; return the exit status."""
    releases = target.ledger.read().releases[::-1]
    if as_json:
        print_json([release.model_dump(mode="json") for release in releases])
    else:
        lines = list(history_lines(releases))
        sys.stdout.write("\n".join(lines or ["no release is on record: netra deploy"]) + "\n")
    return 0


def diff(target: Target, release: str, other: str, *, as_json: bool) -> int:
    """Print what ``release`` changed; return the exit status.

    Raises:
        DeployRefused: a release is not on record.
    """
    releases = target.ledger.read().releases
    later = _find(releases, release)
    number = releases.index(later)
    if not other and number == 0:
        raise DeployRefused(
            f"{release} is the oldest release on record", remedy="name another one to compare with"
        )
    earlier = _find(releases, other) if other else releases[number - 1]
    changes = {role: _changes(target, earlier.service(role), later.service(role)) for role in ROLES}
    if as_json:
        print_json(
            {
                "from": earlier.id,
                "to": later.id,
                "changes": {role: [vars(one) for one in found] for role, found in changes.items()},
            }
        )
    else:
        lines = [f"{earlier.id} -> {later.id}"]
        lines += [f"  {role}: {one.describe()}" for role, all_ in changes.items() for one in all_]
        sys.stdout.write("\n".join(lines if len(lines) > 1 else [*lines, "  no change"]) + "\n")
    return 0


def history_lines(releases: tuple[Release, ...]) -> Iterator[str]:
    """Yield one line per release."""
    for release in releases:
        roles = ", ".join(one.role for one in release.services)
        note = f"  ({release.note})" if release.note else ""
        why = f"  {release.reason}" if release.reason else ""
        when = f"{release.at:%Y-%m-%d %H:%M}"
        yield f"{release.id}  {when}  {release.outcome:<11}  {release.by}  {roles}{why}{note}"


def _find(releases: tuple[Release, ...], name: str) -> Release:
    for release in releases:
        if release.id == name:
            return release
    raise DeployRefused(f"no release {name!r} is on record", remedy="see: netra release history")


def _changes(
    target: Target, before: ServiceRelease | None, after: ServiceRelease | None
) -> tuple[Change, ...]:
    if before is None or after is None or before.revision == after.revision:
        return ()
    image = Change("image", before.image, after.image)
    bodies: list[dict[str, Any]] = []
    for one in (before, after):
        found = target.cloud.revision(one.service, one.revision)
        if found is None:  # deleted meanwhile: the images are still on record
            return (image,) if before.image != after.image else ()
        bodies.append({"template": found})
    settings = differences(*bodies)
    wanted = [one for one in settings if _is_setting(one.path)]
    return ((image,) if before.image != after.image else ()) + tuple(wanted)


def _is_setting(path: str) -> bool:
    """Leave out what every revision has of its own."""
    return path.split(".")[1] not in _OF_A_REVISION
