"""What a Terraform configuration is made of, once it has been read."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from netra_cloud.terraform.declarations import Misdeclared
from netra_cloud.terraform.hcl_source import SyntaxProblem
from netra_cloud.terraform.undeclared import Undeclared
from netra_cloud.terraform.values import BlockValue, Unknown, references

InstanceKey = str | int | None
Answer = TypeVar("Answer")
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
class NotJudged:
    """A part of the configuration about which the rules could claim nothing.

    Attributes:
        kind: ``module``, ``reference`` or ``provider``.
        address: of the module call or resource.
        detail: what is not known.
        remedy: how to make it known.
    """

    kind: str
    address: str
    file: Path
    line: int
    detail: str
    remedy: str


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
        exported: addresses that an output or data source of the root module refers to.
        dormant: addresses in resources that the values at hand leave out (``count = 0``).
        pins: version constraint of each provider that the root module requires.
        undeclared: references to what no block declares.
        misdeclared: what else Terraform refuses before it asks a provider.
    """

    resources: list[Resource] = field(default_factory=list)
    problems: list[SyntaxProblem] = field(default_factory=list)
    files: int = 0
    not_read: list[ModuleCall] = field(default_factory=list)
    exported: frozenset[str] = frozenset()
    dormant: set[str] = field(default_factory=set)
    pins: dict[str, str] = field(default_factory=dict)
    undeclared: list[Undeclared] = field(default_factory=list)
    misdeclared: list[Misdeclared] = field(default_factory=list)
    _answers: dict[tuple[object, ...], Any] = field(default_factory=dict, repr=False, compare=False)

    def once(self, question: tuple[object, ...], answer: Callable[[], Answer]) -> Answer:
        """Return the answer to a question about the whole configuration, computed once.

        Rules ask of every resource; without this a lint takes time by the square of their number.
        The configuration is complete by then.
        """
        if question not in self._answers:
            self._answers[question] = answer()
        found: Answer = self._answers[question]
        return found

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
        found: dict[int, Resource] = {}
        for address in addresses:
            for position in self._positions.get(address, ()):
                found[position] = self.resources[position]
            without_key = _KEY.sub("", address)
            if without_key != address:
                for position in self._positions.get(without_key, ()):
                    if self.resources[position].key is None:
                        found[position] = self.resources[position]
        return [found[position] for position in sorted(found)]

    @cached_property
    def _positions(self) -> dict[str, list[int]]:
        """Positions in ``resources`` by address and by block address; built after reading."""
        positions: dict[str, list[int]] = {}
        for position, resource in enumerate(self.resources):
            for address in {resource.address, resource.block_address}:
                positions.setdefault(address, []).append(position)
        return positions

    @cached_property
    def unused(self) -> frozenset[str]:
        """Addresses to which neither another resource nor an output refers.

        The expectations of a URL map's tests do not count as use. Nothing is claimed where a
        module call could not be followed: it may be the user. What other values of the variables
        would use is used.
        """
        if self.not_read:
            return frozenset()
        used = {*self.exported, *self.dormant}
        for resource in self.resources:
            for block in resource.body.walk():
                used |= block.dormant
                if block.path[:1] != ("test",):
                    used.update(
                        ref for value in block.attributes.values() for ref in references(value)
                    )
        reached = {resource.address for resource in self.resolve(frozenset(used))}
        return frozenset(resource.address for resource in self.resources) - reached

    @cached_property
    def referenced_addresses(self) -> frozenset[str]:
        """Every address that some resource's body refers to."""
        return frozenset[str]().union(*(r.body.references() for r in self.resources))
