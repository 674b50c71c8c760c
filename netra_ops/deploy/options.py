"""Options that the commands of a deploy share."""

from itertools import pairwise
from typing import Annotated

import typer

from netra_ops.deploy.errors import DeployRefused
from netra_ops.deploy.traffic import WHOLE
from netra_ops.environments.loader import EnvironmentName

Environment = Annotated[
    EnvironmentName | None,
    typer.Option("--environment", "-e", help="local, staging or production; default: staging."),
]
Project = Annotated[
    str, typer.Option("--project", help="Google Cloud project; default: the environment's.")
]
Region = Annotated[str, typer.Option("--region", help="Default: the environment's.")]
Url = Annotated[str, typer.Option("--url", help="Public address; default: the environment's.")]
Endpoint = Annotated[
    str,
    typer.Option(
        "--endpoint",
        help="Another Cloud Run API, such as http://127.0.0.1:8085; "
        "default: $CLOUDSDK_API_ENDPOINT_OVERRIDES_RUN, then Google's.",
    ),
]
Service = Annotated[
    list[str] | None,
    typer.Option("--service", "-s", help="backend, auth or frontend; may be repeated."),
]
Reason = Annotated[str, typer.Option("--reason", "-m", help="Why; shown to whoever waits.")]
BreakLock = Annotated[
    str, typer.Option("--break-lock", metavar="REASON", help="Break another deploy's lock.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would change, change nothing.")]


DRAINS = ("pace", "finish", "now")


def parse_steps(text: str) -> tuple[int, ...]:
    """Return the percentages in ``10,50,100``.

    Raises:
        DeployRefused: one is no percentage, or they do not rise.
    """
    try:
        steps = tuple(int(part) for part in text.split(",") if part.strip())
    except ValueError:
        steps = ()
    rising = all(a < b for a, b in pairwise(steps))
    if not steps or not rising or steps[0] < 1 or steps[-1] > WHOLE:
        raise DeployRefused(
            f"--steps {text!r} is no rising list of percentages",
            remedy="give some between 1 and 100, such as 10,50,100",
        )
    return steps


def parse_drain(text: str) -> str:
    """Return the drain policy.

    Raises:
        DeployRefused: there is no such policy.
    """
    if text not in DRAINS:
        raise DeployRefused(f"--drain {text!r} is no policy", remedy=f"known: {', '.join(DRAINS)}")
    return text
