"""From a host and a client to a revision: pure functions.

Sources: docs.cloud.google.com/run/docs/rollouts-rollbacks-traffic-migration,
configuring/session-affinity, securing/ingress.
"""

import hashlib
import math
from dataclasses import dataclass

from netra_cloud.run.core.names import parent_of, short
from netra_cloud.run.core.records import ServiceRecord
from netra_cloud.run.core.template import seconds

LOCAL_DOMAIN = "run.localhost"
_DIRECT_INGRESS = {"INGRESS_TRAFFIC_ALL", "INGRESS_TRAFFIC_UNSPECIFIED"}


@dataclass(frozen=True)
class ServiceRoute:
    """Where a service's requests go.

    Attributes:
        service: short name.
        location: of the service.
        splits: revision -> percent, only those above 0.
        tags: tag -> revision.
        direct: whether its run.app address answers.
    """

    service: str
    location: str
    splits: dict[str, int]
    tags: dict[str, str]
    direct: bool = True

    @property
    def host(self) -> str:
        """The local name in place of its run.app address."""
        return f"{self.service}.{self.location}.{LOCAL_DOMAIN}"

    def tag_host(self, tag: str) -> str:
        """The local name of a tag."""
        return f"{tag}---{self.host}"


@dataclass(frozen=True)
class RevisionRules:
    """What a revision's template says about requests."""

    timeout_seconds: float
    affinity: bool
    h2c: bool


def route_of(service: ServiceRecord) -> ServiceRoute:
    """Return the route that a service's traffic in force makes."""
    splits: dict[str, int] = {}
    for target in service.serving:
        if target.percent:
            splits[target.revision] = splits.get(target.revision, 0) + target.percent
    spec = service.spec
    return ServiceRoute(
        service=short(service.name),
        location=parent_of(service.name).location,
        splits=splits,
        tags={target.tag: target.revision for target in service.serving if target.tag},
        direct=spec["ingress"] in _DIRECT_INGRESS and not spec.get("defaultUriDisabled", False),
    )


def rules_of(template: dict[str, object]) -> RevisionRules:
    """Return the rules of a revision's template."""
    containers = template["containers"]
    assert isinstance(containers, list)  # noqa: S101 -- checked when the revision was made
    ports = [port for container in containers for port in container.get("ports", [])]
    return RevisionRules(
        timeout_seconds=seconds(str(template["timeout"])),
        affinity=bool(template.get("sessionAffinity")),
        h2c=any(port.get("name") == "h2c" for port in ports),
    )


def split_host(host: str) -> tuple[str, str, str] | None:
    """Return tag (or empty), service and location of a local name; None for other hosts."""
    name = host.partition(":")[0].lower()
    if not name.endswith(f".{LOCAL_DOMAIN}"):
        return None
    label, _, location = name.removesuffix(f".{LOCAL_DOMAIN}").partition(".")
    tag, separator, service = label.partition("---")
    if not separator:
        return "", label, location
    return tag, service, location


def choose(splits: dict[str, int], point: float) -> str:
    """Return the revision for a point in [0, 1): a client without affinity gets a random one."""
    position = point * sum(splits.values())
    for revision, percent in splits.items():
        position -= percent
        if position < 0:
            return revision
    return next(reversed(splits))


def choose_sticky(splits: dict[str, int], client: str) -> str:
    """Return a client's revision: the same until the split changes, then for most the same.

    Weighted rendezvous hashing: each revision draws a score for each client, so a change of
    weights moves only the clients that it must (Google: as few as possible). A revision without
    traffic has no score; no client stays on it.
    """
    return max(splits, key=lambda revision: (_score(client, revision, splits[revision]), revision))


def _score(client: str, revision: str, weight: int) -> float:
    digest = hashlib.blake2b(f"{client}\0{revision}".encode(), digest_size=8).digest()
    uniform = (int.from_bytes(digest, "big") + 1) / (2**64 + 1)
    return -weight / math.log(uniform)


@dataclass(frozen=True)
class Transition:
    """A route on its way to every front: for a while the old one is in use too.

    Source: doc: rollouts, "requests may be directed to either".
    """

    old: ServiceRoute | None
    new: ServiceRoute
    changed_at: float
    window_seconds: float

    def at(self, now: float, point: float) -> ServiceRoute:
        """Return the route that a request follows.

        Args:
            now: loop time.
            point: random in [0, 1); the share of the new route grows over the window.
        """
        if self.old is None or self.window_seconds <= 0:
            return self.new
        progress = (now - self.changed_at) / self.window_seconds
        return self.new if point < progress else self.old
