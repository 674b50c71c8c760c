"""Reads a Terraform directory, and the modules it calls, into a ``Configuration``."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from netra_cloud.terraform.blocks import block_value
from netra_cloud.terraform.configuration import (
    Configuration,
    InstanceKey,
    ModuleCall,
    Resource,
    key_text,
)
from netra_cloud.terraform.expressions import Scope, evaluate
from netra_cloud.terraform.hcl_source import Node, SourceBlock, SyntaxProblem, parse_file
from netra_cloud.terraform.values import Unknown, Value

MAX_DEPTH = 12  # modules inside modules; Terraform refuses a module that calls itself
# Arguments of a module call that are Terraform's own.
_META = frozenset({"source", "version", "providers", "count", "for_each", "depends_on"})
_KEY = re.compile(r"^module\.[\w-]+\[(.+)\]$")


def load(directory: Path, variables: Mapping[str, Value] | None = None) -> Configuration:
    """Read every ``*.tf`` of ``directory`` and of the modules it calls.

    Modules beside the directory are followed, and those that ``terraform init`` has fetched.

    Args:
        directory: a Terraform root module.
        variables: values that win over the defaults written in the files.
    """
    configuration = Configuration()
    _Module(_Place(directory), variables or {}, configuration, _fetched(directory)).read()
    return configuration


def variables_of(directory: Path) -> dict[str, Value]:
    """Return the values that Terraform would take from ``terraform.tfvars`` and ``*.auto.tfvars``.

    Raises:
        SyntaxProblem: one of them is no HCL.
    """
    found: dict[str, Value] = {}
    for file in (directory / "terraform.tfvars", *sorted(directory.glob("*.auto.tfvars"))):
        if file.exists():
            found |= read_variables(file)
    return found


def read_variables(file: Path) -> dict[str, Value]:
    """Return the values of one ``.tfvars`` file.

    Raises:
        SyntaxProblem: it is no HCL.
    """
    scope = Scope(file.parent)
    arguments = parse_file(file).arguments
    return {name: evaluate(argument.expression, scope) for name, argument in arguments.items()}


def _fetched(directory: Path) -> dict[str, Path]:
    """Return where ``terraform init`` has put modules, by their dotted name."""
    manifest = directory / ".terraform" / "modules" / "modules.json"
    if not manifest.exists():
        return {}
    listed = json.loads(manifest.read_text(encoding="utf-8"))["Modules"]
    return {entry["Key"]: directory / entry["Dir"] for entry in listed}


@dataclass(frozen=True)
class _Place:
    """Where a module is: its files, the beginning of its addresses, the names that lead to it."""

    directory: Path
    prefix: str = ""
    path: tuple[str, ...] = ()


class _Module:
    """One module with the values of its variables.

    Args:
        place: where it is.
        variables: win over defaults.
        configuration: takes what is read.
        fetched: where other modules are.
    """

    def __init__(
        self,
        place: _Place,
        variables: Mapping[str, Value],
        configuration: Configuration,
        fetched: Mapping[str, Path],
    ) -> None:
        directory, prefix = place.directory, place.prefix
        self._directory, self._prefix, self._path = directory, prefix, place.path
        self._configuration, self._fetched = configuration, fetched
        self._blocks = list(self._parsed())
        self._scope = Scope(directory, module=prefix, output=self._output_of_child)
        self._scope.variables = {**self._defaults(), **variables}
        self._scope.local = _lazy(self._expressions("locals"), self._scope)
        self._calls = {b.labels[0]: b for b in self._blocks if b.type == "module" and b.labels}
        self._children: dict[str, list[tuple[InstanceKey, _Module]]] = {}

    def read(self) -> None:
        """Add every resource of this module and of those below it to the configuration."""
        for block in self._blocks:
            if block.type == "resource" and len(block.labels) == 2:  # noqa: PLR2004 -- type and name
                for key, scope in instances(block, self._scope):
                    body = block_value(block, scope, ())
                    self._configuration.resources.append(
                        Resource(*block.labels, key, body, block.file, self._prefix)
                    )
        for name in self._calls:
            for _, child in self._called(name):
                child.read()

    def output(self, name: str) -> Value:
        """Return an output's value."""
        for block in self._blocks:
            if block.type == "output" and block.labels == (name,):
                return evaluate(block.body.arguments["value"].expression, self._scope)
        return Unknown(f"{self._prefix}{name}")

    def _parsed(self) -> Iterator[SourceBlock]:
        for file in sorted(self._directory.glob("*.tf")):
            try:
                body = parse_file(file)
            except SyntaxProblem as problem:
                self._configuration.problems.append(problem)
                continue
            self._configuration.files += 1
            yield from body.blocks

    def _defaults(self) -> dict[str, Value]:
        return {
            block.labels[0]: evaluate(block.body.arguments["default"].expression, self._scope)
            for block in self._blocks
            if block.type == "variable" and "default" in block.body.arguments
        }

    def _expressions(self, block_type: str) -> dict[str, Node]:
        return {
            name: argument.expression
            for block in self._blocks
            if block.type == block_type
            for name, argument in block.body.arguments.items()
        }

    def _output_of_child(self, call: str, output: str) -> Value:
        """Return ``module.NAME.OUTPUT``; ``call`` is ``module.NAME``, perhaps with a key."""
        unknown = Unknown(f"{self._prefix}{call}.{output}")
        name = call.removeprefix("module.").partition("[")[0]
        children = self._called(name) if name in self._calls else []
        match = _KEY.match(call)
        if match is not None:
            children = [c for c in children if key_text(c[0]) == f"[{match.group(1)}]"]
        return children[0][1].output(output) if len(children) == 1 else unknown

    def _called(self, name: str) -> list[tuple[InstanceKey, "_Module"]]:
        if name not in self._children:
            self._children[name] = []  # what a call that depends on itself would see
            self._children[name] = list(self._open(name, self._calls[name]))
        return self._children[name]

    def _open(self, name: str, block: SourceBlock) -> Iterator[tuple[InstanceKey, "_Module"]]:
        path = (*self._path, name)
        argument = block.body.arguments.get("source")
        source = "" if argument is None else str(evaluate(argument.expression, self._scope))
        directory = self._fetched.get(".".join(path))
        if source.startswith(("./", "../")):
            directory = self._directory / source
        if directory is None or not directory.is_dir() or len(path) > MAX_DEPTH:
            address = f"{self._prefix}module.{name}"
            self._configuration.not_read.append(ModuleCall(address, source, block.file, block.line))
            return
        for key, scope in instances(block, self._scope):
            given = {
                argument_name: evaluate(given_argument.expression, scope)
                for argument_name, given_argument in block.body.arguments.items()
                if argument_name not in _META
            }
            place = _Place(directory, f"{self._prefix}module.{name}{key_text(key)}.", path)
            yield key, _Module(place, given, self._configuration, self._fetched)


def _lazy(expressions: Mapping[str, Node], scope: Scope) -> Callable[[str], Value]:
    values: dict[str, Value] = {}

    def local(name: str) -> Value:
        if name not in values:
            values[name] = Unknown(f"local.{name}")  # what a cycle would see
            if name in expressions:
                values[name] = evaluate(expressions[name], scope)
        return values[name]

    return local


def instances(block: SourceBlock, scope: Scope) -> Iterator[tuple[InstanceKey, Scope]]:
    """Yield the instances of a resource or module call: key, and what its names mean.

    An unknown ``count`` or ``for_each`` gives one instance without key, in which ``each`` and
    ``count.index`` are unknown.
    """
    arguments = block.body.arguments
    if "count" in arguments:
        count = evaluate(arguments["count"].expression, scope)
        if isinstance(count, int):
            for index in range(count):
                yield index, scope.with_names(count={"index": index})
        else:
            yield None, scope.with_names(count={"index": Unknown("count.index")})
        return
    if "for_each" not in arguments:
        yield None, scope
        return
    collection = evaluate(arguments["for_each"].expression, scope)
    items: dict[str, Value] = {}
    if isinstance(collection, dict):
        items = dict(sorted(collection.items(), key=lambda pair: str(pair[0])))
    elif isinstance(collection, list):
        items = {str(item): item for item in collection}
    for key, value in items.items():
        yield key, scope.with_names(each={"key": key, "value": value})
    if not isinstance(collection, dict | list):
        each: Value = {"key": Unknown("each.key"), "value": Unknown("each.value")}
        yield None, scope.with_names(each=each)
