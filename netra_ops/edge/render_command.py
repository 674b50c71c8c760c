"""``netra edge render``: show what Envoy would get for a Terraform directory."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from netra_cloud.compute.objects import ComputeObjects
from netra_cloud.edge.listener import LocalListener
from netra_cloud.edge.render import EdgeInput, Rendering, port_of, render
from netra_cloud.edge.run_target import Target, target_of
from netra_cloud.edge.xds import XdsDirectory
from netra_cloud.errors import CloudError
from netra_cloud.terraform.compute_mapping import compute_objects
from netra_cloud.terraform.configuration import Configuration
from netra_cloud.terraform.hcl_source import SyntaxProblem
from netra_cloud.terraform.module_files import terraform_files
from netra_cloud.terraform.reader import load
from netra_cloud.terraform.run_mapping import run_services
from netra_cloud.terraform.values import Value
from netra_cloud.terraform.variable_files import VariableProblem, given_values
from netra_ops.errors import OperatorError, SomethingAbsent, StorageRefused
from netra_ops.services.loopback import LOOPBACK
from netra_ops.stack_directory import STACK
from netra_ops.terminal import print_json

PROJECT = "local"
FIRST_PORT = 9001
HTTPS, HTTP = 443, 80

EPILOG = """Examples:
  netra edge render                                   all of it as JSON
  netra edge render --domain chat.example --write /tmp/edge
  netra edge render ~/infra/prod --var-file prod.tfvars --upstream api=10.0.0.7:3000
  envoy -c /tmp/edge/bootstrap.json --reject-unknown-dynamic-fields

What the local edge leaves out is listed under not_emulated."""


@dataclass(frozen=True)
class Upstream:
    """Where a service listens."""

    host: str
    port: int


def render_edge(
    path: Annotated[Path, typer.Argument(help="A directory with *.tf files.")] = STACK,
    *,
    domain: Annotated[str, typer.Option(help="Value of the variable `domain`.")] = "localhost",
    port: Annotated[
        int, typer.Option(min=1, max=65535, help="Port for the rules of 443; of 80 without them.")
    ] = 8080,
    upstream: Annotated[
        list[str] | None,
        typer.Option(
            help="SERVICE=PORT or SERVICE=HOST:PORT of a running service; others get ports from "
            "9001 on. May be repeated."
        ),
    ] = None,
    var_file: Annotated[
        list[Path] | None,
        typer.Option(exists=True, dir_okay=False, help="Values of variables; may be repeated."),
    ] = None,
    var: Annotated[
        list[str] | None, typer.Option(help="NAME=VALUE of a variable; may be repeated.")
    ] = None,
    write: Annotated[
        Path | None, typer.Option(help="Write Envoy's files into this directory.")
    ] = None,
) -> None:
    """Render a load balancer's Terraform as strict Envoy configuration."""
    directory = (write or Path("edge")).resolve()
    values = _values(path, domain, var_file or (), var or ())
    rendering = render_stack(path, values, port, directory, _upstreams(upstream or []))
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
    path: Path,
    values: Mapping[str, Value],
    port: int,
    directory: Path,
    upstreams: Mapping[str, Upstream],
) -> Rendering:
    """Return the rendering of a Terraform directory.

    Args:
        path: a root module.
        values: of its variables.
        port: where the edge listens.
        directory: absolute; Envoy reads its dynamic files there.
        upstreams: where services listen, by name.

    Raises:
        SomethingAbsent: no Terraform there.
        OperatorError: a file is no HCL, ``upstreams`` names a service that no backend has, the
            load balancer uses something that is not emulated, or a link leads nowhere.
    """
    _require_terraform(path)
    configuration = load(path.resolve(), values)
    if configuration.problems:
        raise OperatorError(
            "; ".join(problem.detail for problem in configuration.problems),
            remedy="correct the named lines; terraform validate names them too",
        )
    try:
        objects = compute_objects(configuration, PROJECT)
        return render(
            EdgeInput(
                objects=objects,
                targets=_targets(configuration, objects, upstreams, path),
                listeners={_served_port(objects): LocalListener(port)},
                directory=directory,
            )
        )
    except CloudError as error:
        raise OperatorError(error.detail, remedy="run netra edge lint on the same files") from error


def _targets(
    configuration: Configuration,
    objects: ComputeObjects,
    upstreams: Mapping[str, Upstream],
    path: Path,
) -> dict[str, Target]:
    """Return a target for each Cloud Run service that is declared, or named by a backend."""
    services = run_services(configuration, PROJECT)
    for group in objects.all("networkEndpointGroups"):
        name = (group.get("cloudRun") or {}).get("service")
        if name:
            services.setdefault(str(name), {"name": str(name)})  # deployed by another stack
    if unknown := sorted(upstreams.keys() - services):
        raise OperatorError(
            f"--upstream names no Cloud Run service of {path}: {', '.join(unknown)}",
            remedy=f"it has: {', '.join(sorted(services)) or 'none'}",
        )
    targets: dict[str, Target] = {}
    for position, (name, body) in enumerate(sorted(services.items())):
        chosen = upstreams.get(name, Upstream(LOOPBACK, FIRST_PORT + position))
        targets[name] = target_of(body, chosen.host, chosen.port)
    return targets


def _served_port(objects: ComputeObjects) -> int:
    """Return the port that is served here: that of HTTPS, else of HTTP, else the first."""
    ports = [port for rule in objects.all("forwardingRules") if (port := port_of(rule))]
    return next((port for port in (HTTPS, HTTP) if port in ports), ports[0] if ports else HTTPS)


def _require_terraform(path: Path) -> None:
    if not any(terraform_files(path.resolve())):
        raise SomethingAbsent(
            f"{path} holds no *.tf file", remedy="give the directory of a Terraform root module"
        )


def _values(
    path: Path, domain: str, files: Iterable[Path], settings: Iterable[str]
) -> dict[str, Value]:
    defaults: dict[str, Value] = {"domain": domain, "project_id": PROJECT}
    try:
        return {**defaults, **given_values(path.resolve(), files, settings)}
    except (SyntaxProblem, VariableProblem) as problem:
        raise OperatorError(
            problem.detail, remedy="write one name = value per line, as terraform does"
        ) from problem


def _upstreams(given: list[str]) -> dict[str, Upstream]:
    upstreams: dict[str, Upstream] = {}
    for item in given:
        service, separator, place = item.partition("=")
        host, _, port = place.rpartition(":")
        if not separator or not service or not port.isdecimal() or not 0 < int(port) < 2**16:
            raise typer.BadParameter(
                f"{item!r}: write SERVICE=PORT or SERVICE=HOST:PORT, PORT from 1 to 65535",
                param_hint="--upstream",
            )
        upstreams[service] = Upstream(host or LOOPBACK, int(port))
    return upstreams


def _document(rendering: Rendering) -> dict[str, Any]:
    return {
        "bootstrap": json.loads(json.dumps(rendering.bootstrap)),
        "routes": dict(rendering.routes),
        "clusters": list(rendering.clusters),
        "not_emulated": list(rendering.not_emulated),
    }
