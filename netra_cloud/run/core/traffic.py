"""Traffic: what a declaration may say, and which revisions it leads to.

Sources: TrafficTarget in google/cloud/run/v2/traffic_target.proto; Knative's route validation for
the sum and for repeated tags; PolicyEngine/policyengine-api#3729 for the combined length and its
text; PolicyEngine/policyengine-sim-api#656 for the three characters.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from netra_cloud.run.core.errors import InvalidArgument
from netra_cloud.run.core.records import Failure, Phase, RevisionRecord, Target

Json = dict[str, Any]

LATEST = "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST"
REVISION = "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION"
WHOLE = 100
MAX_TAG_AND_SERVICE = 46
MIN_TAG = 3
_TAG = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")


def declared(traffic: Sequence[Json]) -> list[Json]:
    """Return the traffic that is meant: no entry means everything to the latest revision."""
    return list(traffic) or [{"type": LATEST, "percent": WHOLE}]


def check(service_id: str, traffic: Sequence[Json]) -> None:
    """Refuse a declaration that can never be in force.

    Raises:
        InvalidArgument: with the field and the reason.
    """
    for target in traffic:
        percent = target.get("percent", 0)
        if not 0 <= percent <= WHOLE:
            raise _violation(
                "service.traffic.percent", f"expected 0 <= {percent} <= 100: traffic percent"
            )
        latest = is_latest(target)
        if latest and target.get("revision"):
            raise _violation(
                "service.traffic.revision",
                "revision must not be set when type is TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST",
            )
        if not latest and not target.get("revision"):
            raise _violation(
                "service.traffic.revision",
                "revision must be set when type is TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION",
            )
        if "tag" in target:
            _check_tag(service_id, target["tag"])
    total = sum(target.get("percent", 0) for target in traffic)
    if total != WHOLE:
        raise _violation("service.traffic", f"Traffic targets sum to {total}, want 100")
    for tag, count in Counter(t["tag"] for t in traffic if t.get("tag")).items():
        if count > 1:
            raise _violation("service.traffic.tag", f'Multiple definitions for tag "{tag}"')


def is_latest(target: Json) -> bool:
    """Whether a target follows the latest revision."""
    return bool(target.get("type", REVISION if target.get("revision") else LATEST) == LATEST)


def resolve(
    traffic: Sequence[Json],
    newest_ready: str,
    revision: Callable[[str], RevisionRecord | None],
) -> tuple[Target, ...] | Failure:
    """Return the targets that a declaration leads to, or why it cannot be in force.

    Args:
        traffic: a checked declaration.
        newest_ready: short name of the newest ready revision; empty when there is none.
        revision: finds a revision by its short name.
    """
    targets = []
    for target in traffic:
        latest = is_latest(target)
        name = newest_ready if latest else target["revision"]
        found = revision(name) if name else None
        if found is None:
            # Code and text: terraform-google-modules/terraform-docs-samples#269.
            return Failure(
                13,
                f"Revision '{name}' does not exist or is deleted. Update all traffic to route to "
                "currently available revisions.",
                "REVISION_FAILED",
            )
        if found.phase is not Phase.READY:
            cause = found.failure.message if found.failure else not_ready(name, "It is starting.")
            return Failure(9, cause, "REVISION_FAILED")
        targets.append(Target(name, target.get("percent", 0), target.get("tag", ""), latest))
    return tuple(targets)


def not_ready(revision: str, cause: str) -> str:
    """Return Google's sentence for a revision that cannot serve."""
    return f"Revision '{revision}' is not ready and cannot serve traffic. {cause}"


def _check_tag(service_id: str, tag: str) -> None:
    if len(tag) < MIN_TAG or not _TAG.fullmatch(tag):
        raise _violation(
            "service.traffic.tag",
            f"traffic tag '{tag}' must have at least 3 characters, use only lowercase alphanumeric "
            "characters and dashes, start with a letter and not end with a dash.",
        )
    if len(tag) + len(service_id) > MAX_TAG_AND_SERVICE:
        raise _violation(
            "service.traffic.tag",
            f"traffic tag '{tag}' and service name '{service_id}' together are too long. Combined "
            f"traffic tag and service name cannot exceed {MAX_TAG_AND_SERVICE} characters.",
        )


def _violation(field: str, text: str) -> InvalidArgument:
    shown = field.removeprefix("service.")
    return InvalidArgument(f"{shown}: {text}", (field, text))
