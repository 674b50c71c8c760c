"""``netra edge``: lint Terraform for a serverless edge, render it for Envoy."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from netra_cloud.terraform.findings import Finding, Options, Severity
from netra_cloud.terraform.linter import RULES, lint_directory
from netra_cloud.terraform.report import as_json, as_sarif, as_text
from netra_ops.edge.render_command import EPILOG as RENDER_EPILOG
from netra_ops.edge.render_command import render_edge
from netra_ops.errors import SomethingAbsent
from netra_ops.stack_directory import STACK
from netra_ops.terminal import keep_lines

LINT_EPILOG = """Examples:
  netra edge lint                       the stack of this repository
  netra edge lint ~/infra/prod --json   anyone's Terraform, for a program
  netra edge lint --sarif > edge.sarif  for a code host

Exit statuses: 0 no errors, 1 errors (or warnings with --strict), 3 no Terraform there."""

app = typer.Typer(
    name="edge",
    help="The load balancer in front of the services: check its Terraform, render it for Envoy.",
    no_args_is_help=True,
)


@app.command(epilog=keep_lines(LINT_EPILOG))
def lint(
    path: Annotated[Path, typer.Argument(help="A directory with *.tf files.")] = STACK,
    *,
    json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
    sarif: Annotated[bool, typer.Option("--sarif", help="Write SARIF 2.1.0.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Fail on warnings too.")] = False,
    socket_age: Annotated[
        float, typer.Option(min=1, max=3600, help="Seconds that a socket is promised to live.")
    ] = Options().socket_age_seconds,
    socket_path: Annotated[
        list[str] | None, typer.Option(help="Path that carries WebSockets; may be repeated.")
    ] = None,
) -> None:
    """Find what Google or Terraform would refuse or ignore, without cloud or provider."""
    findings = lint_path(path, socket_age=socket_age, socket_paths=tuple(socket_path or ()))
    root = path.resolve()
    if json:
        text = as_json(findings, root)
    elif sarif:
        text = as_sarif(findings, RULES, root)
    else:
        text = as_text(findings, root)
    sys.stdout.write(f"{text}\n")
    fails = {Severity.ERROR, Severity.WARNING} if strict else {Severity.ERROR}
    raise typer.Exit(1 if any(finding.severity in fails for finding in findings) else 0)


app.command(name="render", epilog=keep_lines(RENDER_EPILOG))(render_edge)


def lint_path(
    path: Path, *, socket_age: float | None = None, socket_paths: tuple[str, ...] = ()
) -> list[Finding]:
    """Return the findings in a directory.

    Raises:
        SomethingAbsent: the directory holds no Terraform.
    """
    directory = path.resolve()
    if not any(directory.glob("*.tf")):
        raise SomethingAbsent(
            f"{path} holds no *.tf file", remedy="give the directory of a Terraform root module"
        )
    known = Options()
    options = Options(
        socket_age_seconds=socket_age or known.socket_age_seconds,
        socket_paths=socket_paths or known.socket_paths,
    )
    return lint_directory(directory, options)
