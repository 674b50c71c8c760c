"""``netra edge``: lint Terraform for a serverless edge, render it for Envoy."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from netra_cloud.terraform.configuration import Configuration
from netra_cloud.terraform.findings import Options, Severity
from netra_cloud.terraform.hcl_source import SyntaxProblem
from netra_cloud.terraform.lint_command import rule_record
from netra_cloud.terraform.linter import RULES
from netra_cloud.terraform.linter import lint as lint_configuration
from netra_cloud.terraform.module_files import terraform_files
from netra_cloud.terraform.not_judged import not_judged
from netra_cloud.terraform.reader import load
from netra_cloud.terraform.report import COLOURS, Paint, as_json, as_sarif, as_text
from netra_cloud.terraform.variable_files import VariableProblem, given_values
from netra_ops.edge.render_command import EPILOG as RENDER_EPILOG
from netra_ops.edge.render_command import render_edge
from netra_ops.errors import OperatorError, SomethingAbsent
from netra_ops.stack_directory import STACK
from netra_ops.terminal import has_colour, keep_lines, print_json

LINT_EPILOG = """Examples:
  netra edge lint                       the stack of this repository
  netra edge lint ~/infra/prod --json   anyone's Terraform, for a program
  netra edge lint --sarif > edge.sarif  for a code host
  netra edge lint --var-file prod.tfvars --strict
  netra edge rules                      every rule, with its reference

Local modules are read, and those that terraform init has fetched. Exit statuses: 0 no errors,
1 errors (with --strict also warnings and what was not judged), 2 wrong usage, 3 no Terraform."""

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
    strict: Annotated[
        bool, typer.Option("--strict", help="Fail on warnings and on what was not judged.")
    ] = False,
    socket_age: Annotated[
        float, typer.Option(min=1, max=3600, help="Seconds that a socket is promised to live.")
    ] = Options().socket_age_seconds,
    socket_path: Annotated[
        list[str] | None, typer.Option(help="Path that carries WebSockets; may be repeated.")
    ] = None,
    var_file: Annotated[
        list[Path] | None,
        typer.Option(exists=True, dir_okay=False, help="Values of variables; may be repeated."),
    ] = None,
    var: Annotated[
        list[str] | None, typer.Option(help="NAME=VALUE of a variable; may be repeated.")
    ] = None,
) -> None:
    """Find what Google or Terraform would refuse or ignore, without cloud or provider."""
    if json and sarif:
        raise typer.BadParameter("choose one of --json and --sarif")
    configuration = read_directory(path, var_file or (), var or ())
    known = Options()
    declared = tuple(socket_path or ())
    options = Options(socket_age, declared or known.socket_paths, bool(declared))
    findings = lint_configuration(configuration, options)
    root = shown_from(path)
    if json:
        text = as_json(findings, root, configuration)
    elif sarif:
        text = as_sarif(findings, RULES, root, configuration)
    else:
        paint = COLOURS if has_colour(sys.stdout) else Paint()
        text = as_text(findings, root, configuration, paint)
    sys.stdout.write(f"{text}\n")
    fails = {Severity.ERROR, Severity.WARNING} if strict else {Severity.ERROR}
    failed = any(finding.severity in fails for finding in findings)
    raise typer.Exit(1 if failed or (strict and not_judged(configuration)) else 0)


app.command(name="render", epilog=keep_lines(RENDER_EPILOG))(render_edge)


@app.command()
def rules(*, json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False) -> None:
    """List every rule of `netra edge lint`: what it finds, why, and where it comes from."""
    if json:
        print_json([rule_record(rule) for rule in RULES])
        return
    for rule in RULES:
        sys.stdout.write(f"{rule.severity:<8} {rule.id:<30} {rule.title}\n")
        sys.stdout.write(f"{'':<40}{rule.reference}\n")


def read_directory(
    path: Path, var_files: Iterable[Path] = (), settings: Iterable[str] = ()
) -> Configuration:
    """Return the configuration of a directory and its modules.

    Args:
        path: a root module.
        var_files: files of variables, as for ``terraform -var-file``.
        settings: ``NAME=VALUE``, as for ``terraform -var``.

    Raises:
        SomethingAbsent: the directory holds no Terraform.
        OperatorError: a value of a variable is no HCL.
    """
    directory = path.resolve()
    if not any(terraform_files(directory)):
        raise SomethingAbsent(
            f"{path} holds no *.tf file", remedy="give the directory of a Terraform root module"
        )
    try:
        values = given_values(directory, var_files, settings)
    except (SyntaxProblem, VariableProblem) as problem:
        raise OperatorError(
            problem.detail, remedy="write one name = value per line, as terraform does"
        ) from problem
    return load(directory, values)


def shown_from(path: Path) -> Path:
    """Return what paths are shown relative to: the operator's directory, if that is above."""
    here, directory = Path.cwd(), path.resolve()
    return here if directory.is_relative_to(here) else directory
