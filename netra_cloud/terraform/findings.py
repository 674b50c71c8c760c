"""What a rule reports, and what a rule is."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from netra_cloud.terraform.configuration import Configuration, Resource
from netra_cloud.terraform.values import BlockValue, Step, Unknown


class Severity(StrEnum):
    """``error``: Google or Terraform refuses it. ``warning``: accepted, and not what was meant."""

    ERROR = "error"
    WARNING = "warning"


EVERY_GOOGLE_TYPE = ("google_*",)
"""The types of a rule that looks at every resource of the google provider."""


@dataclass(frozen=True)
class Options:
    """What the linter cannot read from the files.

    Attributes:
        socket_age_seconds: how long a socket is promised to live. The default leaves the five
            minutes below Cloud Run's 60 in which a server closes by itself.
        socket_paths: beginnings of paths that carry WebSockets.
        socket_paths_declared: the operator named the paths, so they are judged wherever the map
            sends them; the usual names alone claim nothing about a default service.
    """

    socket_age_seconds: float = 3300.0
    socket_paths: tuple[str, ...] = ("/ws", "/websocket", "/socket.io")
    socket_paths_declared: bool = False


@dataclass(frozen=True)
class Violation:
    """One place that breaks a rule."""

    block: BlockValue
    argument: str | None
    detail: str


Check = Callable[[Resource, Configuration, Options], Iterable[Violation]]


@dataclass(frozen=True)
class Rule:
    """One thing that Google refuses or ignores.

    Attributes:
        id: stable name, used in reports and in examples.
        title: the rule in one line.
        types: resource types it looks at.
        why: what happens, in terms of the platform.
        remedy: what to write instead.
        reference: where the rule comes from.
        api_error: the API's own words, where they are on record; ``{value}`` is the value.
        needs_configuration: the rule follows references to other resources.
    """

    id: str
    severity: Severity
    title: str
    types: tuple[str, ...]
    why: str
    remedy: str
    reference: str
    check: Check
    api_error: str | None = None
    needs_configuration: bool = False

    def applies_to(self, resource_type: str) -> bool:
        """Return whether the rule looks at resources of a type."""
        if self.types == EVERY_GOOGLE_TYPE:
            return resource_type.startswith("google_")
        return resource_type in self.types


@dataclass(frozen=True)
class Finding:
    """A rule broken at a place."""

    rule: str
    severity: Severity
    file: Path
    line: int
    address: str
    path: tuple[Step, ...]
    message: str
    why: str
    remedy: str
    reference: str
    api_error: str | None = None


def findings_of(
    rule: Rule, resource: Resource, configuration: Configuration, options: Options
) -> Iterable[Finding]:
    """Yield what ``rule`` finds in ``resource``."""
    for violation in rule.check(resource, configuration, options):
        argument = (violation.argument,) if violation.argument else ()
        yield Finding(
            rule=rule.id,
            severity=rule.severity,
            file=violation.block.file_of(violation.argument) or resource.file,
            line=violation.block.line_of(violation.argument),
            address=resource.address,
            path=(*violation.block.path, *argument),
            message=violation.detail,
            why=rule.why,
            remedy=rule.remedy,
            reference=rule.reference,
            api_error=_answer(rule, violation),
        )


def _answer(rule: Rule, violation: Violation) -> str | None:
    if rule.api_error is None or violation.argument is None:
        return rule.api_error
    value = violation.block.get(violation.argument)
    return rule.api_error.replace("{value}", "…" if isinstance(value, Unknown) else str(value))
