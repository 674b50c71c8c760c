"""The edge of ``netra up``: the staging stack's Terraform, for ports of this machine."""

from dataclasses import dataclass
from pathlib import Path

from netra_cloud.edge.listener import LocalListener
from netra_cloud.edge.render import EdgeInput, Rendering, render
from netra_cloud.edge.run_target import FixedAnswer, Page, Target, target_of
from netra_cloud.terraform.compute_mapping import compute_objects
from netra_cloud.terraform.reader import load
from netra_cloud.terraform.run_mapping import run_services
from netra_cloud.terraform.values import Value
from netra_ops.edge.replies import LOCAL_REPLIES, LOST_PAGE, welcome_page
from netra_ops.services.loopback import LOOPBACK
from netra_ops.stack_directory import STACK

PROJECT = "local"
HTTPS = 443
FRONTEND = "netra-frontend-staging"

# Everybody comes from 127.0.0.1 here, so a limit per address is one for the whole machine. These
# let a load test of this repository pass; `netra edge render` shows the real numbers.
LOCAL_LIMITS: dict[str, Value] = {
    "requests_per_minute": 600_000,
    "sign_in_per_minute": 60_000,
    "socket_handshakes_per_minute": 60_000,
}
ALIASES = {"localhost": ("127.0.0.1", "[::1]")}


@dataclass(frozen=True)
class LocalEdge:
    """What distinguishes one local edge from another.

    Attributes:
        port: what the edge listens on, plain HTTP.
        addresses: loopback addresses to listen on.
        auth_port: where the identity service listens.
        backend_port: where the backend listens.
        frontend_port: where the frontend listens; None while there is none.
        frontend_note: a sentence for the page that then replaces it.
        further_backend_ports: of more instances of the backend; new sockets are spread over all.
        directory: absolute; Envoy reads its dynamic files there.
    """

    port: int
    addresses: tuple[str, ...]
    auth_port: int
    backend_port: int
    directory: Path
    further_backend_ports: tuple[int, ...] = ()
    frontend_port: int | None = None
    frontend_note: str = ""


def render_local(edge: LocalEdge, stack: Path = STACK) -> Rendering:
    """Return Envoy's configuration for the local stack."""
    configuration = load(stack, {"domain": "localhost", "rate_limit": LOCAL_LIMITS})
    services = run_services(configuration, PROJECT)
    ports = {
        "netra-backend-staging": (edge.backend_port, *edge.further_backend_ports),
        "netra-auth-staging": (edge.auth_port,),
    }
    targets: dict[str, Target] = {
        name: target_of(services[name], LOOPBACK, *numbers) for name, numbers in ports.items()
    }
    if edge.frontend_port is not None:
        targets[FRONTEND] = target_of(services[FRONTEND], LOOPBACK, edge.frontend_port)
    else:
        targets[FRONTEND] = FixedAnswer(
            FRONTEND,
            (
                Page("/", 200, welcome_page(edge.frontend_note), "text/html; charset=utf-8"),
                Page(None, 404, LOST_PAGE, "application/problem+json"),
            ),
        )
    return render(
        EdgeInput(
            objects=compute_objects(configuration, PROJECT),
            targets=targets,
            listeners={HTTPS: LocalListener(edge.port, edge.addresses)},
            directory=edge.directory,
            aliases=ALIASES,
            local_replies=LOCAL_REPLIES,
        )
    )
