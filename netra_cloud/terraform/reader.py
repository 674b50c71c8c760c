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
from netra_cloud.terraform.conversion import Failed
from netra_cloud.terraform.declarations import misdeclared
from netra_cloud.terraform.expressions import Scope, evaluate
from netra_cloud.terraform.hcl_source import Node, SourceBlock
from netra_cloud.terraform.instances import instance_values, instances, without_instance
from netra_cloud.terraform.module_files import read_module
from netra_cloud.terraform.type_constraints import converted
from netra_cloud.terraform.undeclared import undeclared
from netra_cloud.terraform.values import Unknown, Value
from netra_cloud.terraform.variable_files import read_variables, variables_of
from netra_cloud.terraform.version_pins import pins_in

__all__ = ["instances", "load", "read_variables", "variables_of"]

MAX_DEPTH = 12  # modules inside modules; Terraform refuses a module that calls itself
# Arguments of a module call that are Terraform's own.
_META = frozenset({"source", "version", "providers", "count", "for_each", "depends_on"})
_KEY = re.compile(r"^module\.[\w-]+\[(.+)\]$")


def load(directory: Path, variables: Mapping[str, Value] | None = None) -> Configuration:
    """Read every Terraform file of ``directory`` and of the modules it calls.

    Modules in local directories are read, and those that ``terraform init`` has fetched.

    Args:
        directory: a Terraform root module.
        variables: values that win over the defaults written in the files.
    """
    configuration = Configuration()
    root = _Module(
        _Place(directory, directory), variables or {}, configuration, _fetched(directory)
    )
    root.read()
    configuration.exported = frozenset(root.exported())
    configuration.pins = root.pins()
    return configuration


def _fetched(directory: Path) -> dict[str, Path]:
    """Return where ``terraform init`` has put modules, by their dotted name."""
    manifest = directory / ".terraform" / "modules" / "modules.json"
    try:
        listed = json.loads(manifest.read_text(encoding="utf-8"))["Modules"]
        return {entry["Key"]: directory / entry["Dir"] for entry in listed}
    except (OSError, ValueError, KeyError, TypeError):
        return {}  # nothing was fetched, or not by terraform: the calls are reported as not read


@dataclass(frozen=True)
class _Place:
    """Where a module is: its files, the prefix of its addresses, the names that lead to it."""

    directory: Path
    root: Path
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
        self._place = place
        self._configuration, self._fetched = configuration, fetched
        files = read_module(place.directory)
        configuration.problems += files.problems
        configuration.files += files.count
        self._blocks = files.blocks
        self._by_address = {_address(block): block for block in files.blocks if block.labels}
        self._scope = Scope(
            place.directory,
            module=place.prefix,
            root=place.root,
            output=self._output_of_child,
            call=self._call_value,
            resource=self._resource_value,
        )
        self._scope.variables = dict(self._variables(variables))
        self._scope.local = _lazy(self._expressions("locals"), self._scope)
        self._calls = {b.labels[0]: b for b in self._blocks if b.type == "module" and b.labels}
        self._children: dict[str, list[tuple[InstanceKey, _Module]]] = {}
        self._values: dict[str, Value] = {}
        if not files.problems:  # a file that was not read may declare what is missing
            configuration.undeclared += undeclared(files.blocks)
            configuration.misdeclared += misdeclared(files.blocks)

    def read(self) -> None:
        """Add every resource of this module and of those below it to the configuration."""
        for block in self._blocks:
            if block.type == "resource" and len(block.labels) == 2:  # noqa: PLR2004 -- type and name
                found = list(instances(block, self._scope))
                for key, scope in found:
                    body = block_value(block, scope, ())
                    self._configuration.resources.append(
                        Resource(*block.labels, key, body, block.file, self._place.prefix)
                    )
                if not found:
                    scope = without_instance(self._scope)
                    self._configuration.dormant |= block_value(block, scope, ()).references()
        for name in self._calls:
            for _, child in self._called(name):
                child.read()

    def pins(self) -> dict[str, str]:
        """Return the version constraints of the providers that the module requires."""
        return pins_in(self._blocks, self._scope)

    def output(self, name: str) -> Value:
        """Return an output's value."""
        block = self._by_address.get(f"output.{name}")
        if block is None or "value" not in block.body.arguments:
            return Unknown(f"{self._place.prefix}{name}")
        return evaluate(block.body.arguments["value"].expression, self._scope)

    def exported(self) -> Iterator[str]:
        """Yield every address that an output or a data source of this module refers to."""
        for block in self._blocks:
            if block.type in {"output", "data", "check"}:
                yield from block_value(block, self._scope, ()).references()

    def _variables(self, given: Mapping[str, Value]) -> Iterator[tuple[str, Value]]:
        declared = [b for b in self._blocks if b.type == "variable" and b.labels]
        for block in declared:
            name, arguments = block.labels[0], block.body.arguments
            constraint = arguments["type"].expression if "type" in arguments else None
            default = arguments.get("default")
            value = given.get(name)
            nullable = arguments.get("nullable")
            refuses_null = nullable is not None and (
                evaluate(nullable.expression, self._scope) is False
            )
            if name not in given or (value is None and refuses_null):
                if default is None:
                    continue
                value = evaluate(default.expression, self._scope)
            try:
                yield name, converted(value, constraint, lambda node: evaluate(node, self._scope))
            except (Failed, ValueError):
                yield name, value  # terraform refuses it; the value itself is still of interest
        names = {block.labels[0] for block in declared}
        yield from ((name, value) for name, value in given.items() if name not in names)

    def _expressions(self, block_type: str) -> dict[str, Node]:
        return {
            name: argument.expression
            for block in self._blocks
            if block.type == block_type
            for name, argument in block.body.arguments.items()
        }

    def _resource_value(self, address: str) -> Value:
        """Return a resource or data source: unknown, or one unknown for each instance."""
        if address not in self._values:
            self._values[address] = Unknown(address, frozenset({address}))  # what a cycle would see
            local = address.removeprefix(self._place.prefix)
            block = self._by_address.get(local)
            if block is not None:
                self._values[address] = instance_values(block, self._scope, address, refers=True)
        return self._values[address]

    def _call_value(self, name: str) -> Value:
        address = f"module.{name}"
        if address not in self._values:
            self._values[address] = Unknown(address)
            if name in self._calls:
                self._values[address] = instance_values(
                    self._calls[name], self._scope, address, refers=False
                )
        return self._values[address]

    def _output_of_child(self, call: str, output: str) -> Value:
        """Return ``module.NAME.OUTPUT``; ``call`` is ``module.NAME``, perhaps with a key."""
        unknown = Unknown(f"{self._place.prefix}{call}.{output}")
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
        path = (*self._place.path, name)
        argument = block.body.arguments.get("source")
        source = "" if argument is None else str(evaluate(argument.expression, self._scope))
        directory = self._fetched.get(".".join(path))
        if source.startswith(("./", "../")):
            directory = self._place.directory / source
        if directory is None or not directory.is_dir() or len(path) > MAX_DEPTH:
            address = f"{self._place.prefix}module.{name}"
            self._configuration.not_read.append(ModuleCall(address, source, block.file, block.line))
            return
        for key, scope in instances(block, self._scope):
            given = {
                argument_name: evaluate(given_argument.expression, scope)
                for argument_name, given_argument in block.body.arguments.items()
                if argument_name not in _META
            }
            prefix = f"{self._place.prefix}module.{name}{key_text(key)}."
            place = _Place(directory, self._place.root, prefix, path)
            yield key, _Module(place, given, self._configuration, self._fetched)


def _address(block: SourceBlock) -> str:
    """Return what an expression calls a block: ``type.name``, ``data.type.name``, ``output.x``."""
    labels = ".".join(block.labels)
    return labels if block.type == "resource" else f"{block.type}.{labels}"


def _lazy(expressions: Mapping[str, Node], scope: Scope) -> Callable[[str], Value]:
    values: dict[str, Value] = {}

    def local(name: str) -> Value:
        if name not in values:
            values[name] = Unknown(f"local.{name}")  # what a cycle would see
            if name in expressions:
                values[name] = evaluate(expressions[name], scope)
        return values[name]

    return local
