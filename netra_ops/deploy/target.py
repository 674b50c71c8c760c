"""Where a deploy goes: the environment, its Cloud Run, its addresses and doors."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from netra_ops.cloud.emulator import DEFAULT_DATA, Emulator
from netra_ops.deploy.cloud.connection import ENDPOINT_VARIABLE, connect
from netra_ops.deploy.cloud.ledger_store import LedgerStore
from netra_ops.deploy.cloud.services import CloudRun
from netra_ops.deploy.errors import DeployRefused
from netra_ops.deploy.verify.door import Route
from netra_ops.environments.access import address_of
from netra_ops.environments.loader import (
    EnvironmentDescriptor,
    EnvironmentName,
    load_environment,
)
from netra_ops.errors import SomethingAbsent
from netra_ops.stack.paths import project_root

# Traffic moves in this order: what others ask comes first.
ROLES = ("auth", "backend", "frontend")
LEDGER_ROLE = "backend"
# How the load balancer's paths lead to services; the same as terraform-gcp-staging/edge-url-map.tf.
PREFIXES: Mapping[str, Sequence[str]] = {
    "auth": ("/api/auth", "/.well-known"),
    "backend": ("/ws", "/websocket", "/api", "/health"),
    "frontend": ("/",),
}
DOOR_HEADER = "X-Netra-Candidate"
DOOR_KEY_VARIABLE = "NETRA_CANDIDATE_KEY"
CANDIDATE_URL_VARIABLE = "NETRA_CANDIDATE_URL"


@dataclass(frozen=True)
class Target:
    """One environment as a deploy sees it.

    Attributes:
        environment: its descriptor.
        cloud: its Cloud Run.
        candidate_url: address of a tag behind the load balancer, with ``{tag}`` in it; empty
            where each tag has an address of its own.
        door_headers: the operator's credential for that address.
        public: an address given on the command line; empty for the environment's own.
    """

    environment: EnvironmentDescriptor
    cloud: CloudRun
    candidate_url: str = ""
    door_headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    public: str = ""

    @property
    def ledger(self) -> LedgerStore:
        """The ledger of this environment."""
        return LedgerStore(self.cloud, self.service(LEDGER_ROLE))

    @property
    def public_url(self) -> str:
        """What people use.

        Raises:
            SomethingAbsent: no address is known.
        """
        return address_of(self.environment, self.public or None)

    def service(self, role: str) -> str:
        """Return the Cloud Run name of a role."""
        return self.environment.services[role]

    def routes(self, tag: str) -> list[Route]:
        """Return where requests go to reach the revisions of a tag."""
        if self.candidate_url:
            return [Route("/", self.candidate_url.format(tag=tag))]
        found: list[Route] = []
        for role in ROLES:
            state = self.cloud.read(self.service(role))
            statuses = [] if state is None else state.body.get("trafficStatuses", ())
            uri = next((str(s.get("uri", "")) for s in statuses if s.get("tag") == tag), "")
            found += [Route(prefix, uri) for prefix in PREFIXES[role] if uri]
        if not found:
            raise SomethingAbsent(
                f"no service has an address for the tag {tag!r}",
                remedy=f"set {CANDIDATE_URL_VARIABLE}, such as https://{{tag}}.staging.example",
            )
        return found


def find_target(
    *, environment: str = "", project: str = "", region: str = "", endpoint: str = "", url: str = ""
) -> Target:
    """Return the target that some options of the command line name.

    Args:
        environment: its name; found by ``project`` when empty.
        project: a Google Cloud project; overrides the environment's own.
        region: overrides the environment's own.
        endpoint: of another Cloud Run API; when empty gcloud's variable, then for ``local`` the
            one that ``netra cloud up`` runs, else Google's own.
        url: the public address; the environment's own when empty.

    Raises:
        DeployRefused: no environment belongs to the project.
        NotRunning: no local Cloud Run runs.
        SomethingAbsent: no credentials.
    """
    descriptor = load_environment(environment) if environment else _of_project(project)
    descriptor = replace(
        descriptor, project=project or descriptor.project, region=region or descriptor.region
    )
    key = os.environ.get(DOOR_KEY_VARIABLE, "")
    endpoint = endpoint or os.environ.get(ENDPOINT_VARIABLE, "")
    if descriptor.is_local and not endpoint:  # never Google, whose project would have this name
        endpoint = Emulator(project_root() / DEFAULT_DATA).api
    connection = connect(endpoint)
    return Target(
        descriptor,
        CloudRun(connection, descriptor.project, descriptor.region),
        candidate_url=os.environ.get(CANDIDATE_URL_VARIABLE, ""),
        door_headers={DOOR_HEADER: key} if key else {},
        public=url,
    )


def _of_project(project: str) -> EnvironmentDescriptor:
    known = [load_environment(name) for name in EnvironmentName]
    for descriptor in known:
        if descriptor.project == project:
            return descriptor
    projects = ", ".join(f"{d.project} ({d.name})" for d in known)
    raise DeployRefused(
        f"no environment belongs to the project {project!r}",
        remedy=f"known: {projects}; name the environment with --environment",
    )
