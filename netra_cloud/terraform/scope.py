"""What the names of an expression mean."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from netra_cloud.terraform.values import Unknown, Value

ROOTS = frozenset(
    {"var", "local", "module", "path", "data", "terraform", "each", "count", "self", "ephemeral"}
)


def _unknown_resource(address: str) -> Value:
    return Unknown(address, frozenset({address}))


@dataclass
class Scope:
    """What names mean.

    Attributes:
        directory: of the module; ``path.module`` and relative file names.
        root: directory of the root module; ``path.root`` and ``path.cwd``.
        variables: value of each ``var.x``; a missing one is unknown.
        local: returns the value of ``local.x``.
        names: further names: ``each``, ``count``, iterators of ``for`` and ``dynamic``.
        module: prefix of the addresses of resources: empty, or ``module.x.``.
        call: returns ``module.NAME``: unknown, or one unknown for each instance.
        output: returns an output, given ``module.NAME`` (perhaps with a key) and its name.
        resource: returns a resource of this address: unknown, or one unknown for each instance.
    """

    directory: Path
    variables: Mapping[str, Value] = field(default_factory=dict)
    local: Callable[[str], Value] = lambda name: Unknown(f"local.{name}")
    names: Mapping[str, Value] = field(default_factory=dict)
    module: str = ""
    call: Callable[[str], Value] = lambda name: Unknown(f"module.{name}")
    output: Callable[[str, str], Value] = lambda call, name: Unknown(f"{call}.{name}")
    resource: Callable[[str], Value] = _unknown_resource
    root: Path | None = None

    def with_names(self, **names: Value) -> "Scope":
        """Return a scope in which ``names`` hide earlier meanings."""
        return replace(self, names={**self.names, **names})

    def path(self, name: str) -> str:
        """Return ``path.module``, ``path.root`` or ``path.cwd``."""
        root = self.root or self.directory
        if name == "module":
            return "." if root == self.directory else str(self.directory)
        return "." if name == "root" else str(root.resolve())
