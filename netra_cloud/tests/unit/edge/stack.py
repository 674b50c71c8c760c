"""The staging stack as compute objects, and targets to put behind it."""

from functools import cache
from pathlib import Path

from netra_cloud.compute.objects import ComputeObjects
from netra_cloud.edge.run_target import Endpoint, FixedAnswer, Page, Revision, RunTarget, Target
from netra_cloud.terraform.compute_mapping import compute_objects
from netra_cloud.terraform.reader import load

STACK = Path(__file__).parents[4] / "terraform-gcp-staging"
PROJECT = "example-project"
BACKEND = "netra-backend-staging"
AUTH = "netra-auth-staging"
FRONTEND = "netra-frontend-staging"


@cache
def stack_objects(sign_in_per_minute: int = 30) -> ComputeObjects:
    """Return what the stack's Terraform describes, for the domain ``chat.example``."""
    limits: dict[str, object] = {
        "requests_per_minute": 100_000,
        "sign_in_per_minute": sign_in_per_minute,
        "socket_handshakes_per_minute": 100_000,
    }
    variables = {"domain": "chat.example", "project_id": PROJECT, "rate_limit": limits}
    return compute_objects(load(STACK, variables), PROJECT)  # type: ignore[arg-type] # a dict is a Value


def run_target(
    service: str,
    *shares: tuple[str, int, int],
    timeout_seconds: float = 3600,
    session_affinity: bool = False,
) -> RunTarget:
    """Return a service with revisions given as (name, percent, port)."""
    return RunTarget(
        service,
        tuple(
            Revision(name, percent, (Endpoint("127.0.0.1", port),))
            for name, percent, port in shares
        ),
        timeout_seconds,
        session_affinity,
    )


def targets(backend: RunTarget, auth: RunTarget) -> dict[str, Target]:
    """Return all three services; the frontend is a fixed page."""
    page = FixedAnswer(FRONTEND, (Page(None, 200, "frontend\n", "text/html"),))
    return {BACKEND: backend, AUTH: auth, FRONTEND: page}
