"""Values of variables: from files, and from the command line.

Source: https://developer.hashicorp.com/terraform/language/values/variables#variable-definition-precedence
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

from netra_cloud.errors import InvalidObject
from netra_cloud.terraform.expressions import Scope, evaluate
from netra_cloud.terraform.hcl_source import SyntaxProblem, parse_file, parse_text
from netra_cloud.terraform.json_source import read_json_values
from netra_cloud.terraform.values import Unknown, Value

_ENVIRONMENT = "TF_VAR_"


class VariableProblem(InvalidObject):
    """A ``-var`` that is not ``NAME=VALUE``."""

    code = "terraform_variable"
    title = "Not a variable's value"


def variables_of(directory: Path) -> dict[str, Value]:
    """Return the values that Terraform takes from a directory by itself.

    These are ``terraform.tfvars``, ``terraform.tfvars.json``, then ``*.auto.tfvars`` and
    ``*.auto.tfvars.json`` by name; later files win.

    Raises:
        SyntaxProblem: a file is no HCL or no JSON.
    """
    named = [directory / "terraform.tfvars", directory / "terraform.tfvars.json"]
    automatic = [*directory.glob("*.auto.tfvars"), *directory.glob("*.auto.tfvars.json")]
    found: dict[str, Value] = {}
    for file in [*named, *sorted(automatic)]:
        if file.exists():
            found |= read_variables(file)
    return found


def read_variables(file: Path) -> dict[str, Value]:
    """Return the values of one file of variables, ``.tfvars`` or ``.tfvars.json``.

    Raises:
        SyntaxProblem: it is no HCL or no JSON.
    """
    scope = Scope(file.parent)
    if file.suffix == ".json":
        return {name: evaluate(node, scope) for name, node in read_json_values(file).items()}
    arguments = parse_file(file).arguments
    return {name: evaluate(argument.expression, scope) for name, argument in arguments.items()}


def given_values(
    directory: Path,
    files: Iterable[Path] = (),
    settings: Iterable[str] = (),
    environment: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, Value]:
    """Return the values of a directory with those of ``-var-file`` and ``-var``; the last wins.

    Args:
        directory: a root module.
        files: of ``-var-file``.
        settings: ``NAME=VALUE`` of ``-var``.
        environment: its ``TF_VAR_NAME``; every other source wins over it.

    Raises:
        SyntaxProblem: a file is no HCL or no JSON.
        VariableProblem: a setting has no ``=``.
    """
    values = {
        name.removeprefix(_ENVIRONMENT): from_text(text)
        for name, text in environment.items()
        if name.startswith(_ENVIRONMENT)
    }
    values |= variables_of(directory)
    for file in files:
        values |= read_variables(file)
    for setting in settings:
        name, separator, text = setting.partition("=")
        if not separator or not name.isidentifier():
            raise VariableProblem(f"-var {setting!r}: write NAME=VALUE")
        values[name.strip()] = from_text(text)
    return values


def from_text(text: str) -> Value:
    """Return the value of a ``-var``: a list or map in HCL, else the text itself.

    Terraform decides by the variable's type; a text converts to a number or boolean by itself.
    """
    if not text.lstrip().startswith(("[", "{")):
        return text
    try:
        body = parse_text(f"value = {text}\n", Path("-var"))
    except SyntaxProblem:
        return text
    value = evaluate(body.arguments["value"].expression, Scope(Path()))
    return text if isinstance(value, Unknown) else value


def with_defaults(given: Mapping[str, Value], **defaults: Value) -> dict[str, Value]:
    """Return ``given`` with values for names that it lacks."""
    return {**defaults, **given}
