"""The edge of ``netra up``: the staging stack's Terraform, for ports of this machine."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from netra_cloud.edge.listener import LocalListener
from netra_cloud.edge.render import EdgeInput, Rendering, render
from netra_cloud.edge.run_target import (
    FixedAnswer,
    Page,
    Target,
    neg_target,
    tagged_name,
    target_of,
)
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
BACKEND = "netra-backend-staging"

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
        candidate_key: opens the candidate door, which is absent without it.
        candidate_ports: by tag, where the backend's revision of that tag listens.
    """

    port: int
    addresses: tuple[str, ...]
    auth_port: int
    backend_port: int
    directory: Path
    further_backend_ports: tuple[int, ...] = ()
    frontend_port: int | None = None
    frontend_note: str = ""
    candidate_key: str = field(default="", repr=False)
    candidate_ports: Mapping[str, int] = field(default_factory=dict)


def render_local(edge: LocalEdge, stack: Path = STACK) -> Rendering:
    """Return Envoy's configuration for the local stack."""
    variables: dict[str, Value] = {"domain": "localhost", "rate_limit": LOCAL_LIMITS}
    if edge.candidate_key:
        variables |= {"candidate_door": True, "candidate_key": edge.candidate_key}
    configuration = load(stack, variables)
    services = run_services(configuration, PROJECT)
    ports = {
        BACKEND: (edge.backend_port, *edge.further_backend_ports),
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
    for tag, port in edge.candidate_ports.items():
        # Services that are not deployed here are behind each tag as they are.
        for name in (*ports, FRONTEND):
            targets[tagged_name(name, tag)] = targets[name]
        name = tagged_name(BACKEND, tag)
        targets[name] = neg_target(name, LOOPBACK, port)
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
