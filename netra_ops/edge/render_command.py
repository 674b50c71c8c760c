"""``netra edge render``: show what Envoy would get for a Terraform directory."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from netra_cloud.edge.listener import LocalListener
from netra_cloud.edge.render import EdgeInput, Rendering, render
from netra_cloud.edge.run_target import target_of
from netra_cloud.edge.xds import XdsDirectory
from netra_cloud.errors import NotEmulated, UnknownObject
from netra_cloud.terraform.compute_mapping import compute_objects
from netra_cloud.terraform.reader import load
from netra_cloud.terraform.run_mapping import run_services
from netra_ops.errors import OperatorError, SomethingAbsent, StorageRefused
from netra_ops.services.loopback import LOOPBACK
from netra_ops.stack_directory import STACK
from netra_ops.terminal import print_json

PROJECT = "local"
FIRST_PORT = 9001

EPILOG = """Examples:
  netra edge render                                   all of it as JSON
  netra edge render --domain chat.example --write /tmp/edge
  envoy -c /tmp/edge/bootstrap.json --reject-unknown-dynamic-fields

Rules that the local edge cannot judge are listed under not_emulated."""


def render_edge(
    path: Annotated[Path, typer.Argument(help="A directory with *.tf files.")] = STACK,
    *,
    domain: Annotated[str, typer.Option(help="Value of the variable `domain`.")] = "localhost",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port for HTTPS's rules.")] = 8080,
    upstream: Annotated[
        list[str] | None,
        typer.Option(help="SERVICE=PORT of a running service; others get ports from 9001 on."),
    ] = None,
    write: Annotated[
        Path | None, typer.Option(help="Write Envoy's files into this directory.")
    ] = None,
) -> None:
    """Render a load balancer's Terraform as strict Envoy configuration."""
    directory = (write or Path("edge")).resolve()
    rendering = render_stack(path, domain, port, directory, _ports(upstream or []))
    if write is None:
        print_json(_document(rendering))
        return
    try:
        bootstrap = XdsDirectory(directory).write_initial(rendering)
    except OSError as error:
        raise StorageRefused(
            f"cannot write {error.filename or directory}: {error.strerror}",
            remedy="choose another directory with --write",
        ) from error
    print_json({"bootstrap": str(bootstrap), "not_emulated": list(rendering.not_emulated)})


def render_stack(
    path: Path, domain: str, port: int, directory: Path, ports: dict[str, int]
) -> Rendering:
    """Return the rendering of a Terraform directory.

    Raises:
        SomethingAbsent: no Terraform there.
        OperatorError: a file is no HCL, ``ports`` names a service that is not there, the load
            balancer uses something that is not emulated, or a link leads nowhere.
    """
    if not any(path.resolve().glob("*.tf")):
        raise SomethingAbsent(
            f"{path} holds no *.tf file", remedy="give the directory of a Terraform root module"
        )
    configuration = load(path.resolve(), {"domain": domain, "project_id": PROJECT})
    if configuration.problems:
        raise OperatorError(
            "; ".join(problem.detail for problem in configuration.problems),
            remedy="run terraform fmt, which names the place",
        )
    services = run_services(configuration, PROJECT)
    if unknown := sorted(ports.keys() - services):
        raise OperatorError(
            f"--upstream names no Cloud Run service of {path}: {', '.join(unknown)}",
            remedy=f"it has: {', '.join(sorted(services)) or 'none'}",
        )
    targets = {
        name: target_of(body, LOOPBACK, ports.get(name, FIRST_PORT + position))
        for position, (name, body) in enumerate(sorted(services.items()))
    }
    try:
        return render(
            EdgeInput(
                objects=compute_objects(configuration, PROJECT),
                targets=targets,
                listeners={443: LocalListener(port)},
                directory=directory,
            )
        )
    except (NotEmulated, UnknownObject) as error:
        raise OperatorError(error.detail, remedy="run netra edge lint on the same files") from error


def _ports(given: list[str]) -> dict[str, int]:
    ports: dict[str, int] = {}
    for item in given:
        service, separator, port = item.partition("=")
        if not separator or not port.isdecimal() or not 0 < int(port) < 2**16:
            raise typer.BadParameter(
                f"{item!r}: write SERVICE=PORT, PORT from 1 to 65535", param_hint="--upstream"
            )
        ports[service] = int(port)
    return ports


def _document(rendering: Rendering) -> dict[str, Any]:
    return {
        "bootstrap": json.loads(json.dumps(rendering.bootstrap)),
        "routes": dict(rendering.routes),
        "clusters": list(rendering.clusters),
        "not_emulated": list(rendering.not_emulated),
    }
