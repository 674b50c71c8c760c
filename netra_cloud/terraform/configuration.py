"""What a Terraform configuration is made of, once it has been read."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from netra_cloud.terraform.hcl_source import SyntaxProblem
from netra_cloud.terraform.values import BlockValue, Unknown

InstanceKey = str | int | None
_KEY = re.compile(r"\[[^\[\]]*\]$")


def key_text(key: InstanceKey) -> str:
    """Return an instance key as Terraform writes it: ``["a"]``, ``[0]`` or nothing."""
    return "" if key is None else f"[{json.dumps(key)}]"


@dataclass(frozen=True)
class ModuleCall:
    """A ``module`` block that could not be followed."""

    address: str
    source: str
    file: Path
    line: int


@dataclass(frozen=True)
class Resource:
    """One resource instance; a resource with ``for_each`` gives one per known key."""

    type: str
    name: str
    key: InstanceKey
    body: BlockValue
    file: Path
    module: str = ""

    @property
    def address(self) -> str:
        """``type.name`` or ``type.name["key"]``, after ``module.x.`` where it is in one."""
        return f"{self.block_address}{key_text(self.key)}"

    @property
    def block_address(self) -> str:
        """The address without its key: what stands for every instance."""
        return f"{self.module}{self.type}.{self.name}"


@dataclass
class Configuration:
    """All resources, and how they refer to each other.

    Attributes:
        files: how many were read.
        not_read: module calls whose source is not on this machine.
    """

    resources: list[Resource] = field(default_factory=list)
    problems: list[SyntaxProblem] = field(default_factory=list)
    files: int = 0
    not_read: list[ModuleCall] = field(default_factory=list)

    def of_type(self, *types: str) -> Iterator[Resource]:
        """Yield the resources of these types."""
        return (resource for resource in self.resources if resource.type in types)

    def referenced(self, block: BlockValue, argument: str) -> list[Resource]:
        """Return the resources that ``block.argument`` refers to."""
        value = block.get(argument)
        if isinstance(value, Unknown):
            wanted = value.references
        elif isinstance(value, list):
            wanted = frozenset(r for v in value if isinstance(v, Unknown) for r in v.references)
        else:
            return []
        return self.resolve(wanted)

    def resolve(self, addresses: frozenset[str]) -> list[Resource]:
        """Return the resources at ``addresses``.

        An address without key means every instance; one with a key also means the resource whose
        instances are not known.
        """
        without_key = {_KEY.sub("", address) for address in addresses}
        return [
            resource
            for resource in self.resources
            if resource.address in addresses
            or resource.block_address in addresses
            or (resource.key is None and resource.block_address in without_key)
        ]

    @cached_property
    def referenced_addresses(self) -> frozenset[str]:
        """Every address that some resource's body refers to."""
        return frozenset[str]().union(*(r.body.references() for r in self.resources))
