"""What is behind a serverless endpoint group: a Cloud Run service as the edge sees it."""

from dataclasses import dataclass
from typing import Any

MAX_REQUEST_SECONDS = 3600.0  # of a serverless backend and of Cloud Run alike


@dataclass(frozen=True)
class Endpoint:
    """One instance of a revision."""

    host: str
    port: int


@dataclass(frozen=True)
class Revision:
    """An immutable revision with its share of new traffic in percent.

    Affinity holds a client among the revisions that have traffic; one with share 0 keeps no one.
    """

    name: str
    percent: int
    endpoints: tuple[Endpoint, ...]


@dataclass(frozen=True)
class RunTarget:
    """A Cloud Run service.

    Attributes:
        timeout_seconds: its request timeout, which ends sockets too.
        session_affinity: whether a cookie keeps a client on its revision.
    """

    service: str
    revisions: tuple[Revision, ...]
    timeout_seconds: float = 300.0
    session_affinity: bool = False

    def __post_init__(self) -> None:
        total = sum(revision.percent for revision in self.revisions)
        if self.revisions and total != 100:  # noqa: PLR2004 -- percent
            raise ValueError(f"{self.service}: traffic sums up to {total}, not to 100")


@dataclass(frozen=True)
class Page:
    """One fixed answer. ``path`` None answers every path that no other page has."""

    path: str | None
    status: int
    body: str
    content_type: str


@dataclass(frozen=True)
class FixedAnswer:
    """Replaces a service that does not run here, such as a frontend not yet built."""

    service: str
    pages: tuple[Page, ...]


Target = RunTarget | FixedAnswer


def tagged_name(service: str, tag: str) -> str:
    """Return the key of what runs behind a tag of a service."""
    return f"{service}@{tag}"


def target_of(body: dict[str, Any], endpoint_host: str, *endpoint_ports: int) -> RunTarget:
    """Return the target for a Cloud Run Admin API v2 ``Service`` served by local processes."""
    template = body.get("template", {})
    revision = Revision(
        name=f"{body['name']}-local",
        percent=100,
        endpoints=tuple(Endpoint(endpoint_host, port) for port in endpoint_ports),
    )
    return RunTarget(
        service=body["name"],
        revisions=(revision,),
        timeout_seconds=float(str(template.get("timeout", "300s")).removesuffix("s")),
        session_affinity=bool(template.get("sessionAffinity")),
    )


def neg_target(service: str, host: str, port: int) -> RunTarget:
    """Return the target for a network endpoint group of the local Cloud Run.

    The splits, tags, affinity and request timeout of the service are applied behind that port, so
    a change of traffic changes nothing in the edge.
    """
    group = Revision(name="neg", percent=100, endpoints=(Endpoint(host, port),))
    return RunTarget(service, (group,), timeout_seconds=MAX_REQUEST_SECONDS)
