"""Values, fields and texts that the compute API's own description of a field excludes.

Nothing is typed here: ``api_facts`` has what ``api_extract`` read out of the descriptions, and a
walk asks for every argument of a resource.
"""

import re
from collections.abc import Callable, Iterator

from netra_cloud.terraform.api_facts import Field, field_of
from netra_cloud.terraform.configuration import Configuration, Resource
from netra_cloud.terraform.findings import Check, Options, Rule, Severity, Violation
from netra_cloud.terraform.provider_facts import Checks, checks_of
from netra_cloud.terraform.rules.graph import RUN_V1
from netra_cloud.terraform.rules.run_settings import containers
from netra_cloud.terraform.values import BlockValue, Value

MESSAGE_OF = {
    "google_cloud_run_v2_service": "run.Service",
    "google_compute_backend_service": "BackendService",
    "google_compute_forwarding_rule": "ForwardingRule",
    "google_compute_global_forwarding_rule": "ForwardingRule",
    "google_compute_global_network_endpoint_group": "NetworkEndpointGroup",
    "google_compute_health_check": "HealthCheck",
    "google_compute_region_backend_service": "BackendService",
    "google_compute_region_health_check": "HealthCheck",
    "google_compute_region_network_endpoint_group": "NetworkEndpointGroup",
    "google_compute_region_target_http_proxy": "TargetHttpProxy",
    "google_compute_region_target_https_proxy": "TargetHttpsProxy",
    "google_compute_region_url_map": "UrlMap",
    "google_compute_target_http_proxy": "TargetHttpProxy",
    "google_compute_target_https_proxy": "TargetHttpsProxy",
    "google_compute_url_map": "UrlMap",
}
# Other rules report these with a remedy of their own.
_ELSEWHERE = frozenset(
    {("PathMatcher", "path_rules"), ("PathMatcher", "route_rules"), ("UrlMap", "tests")}
)
# What the provider does not send.
_UNSET: tuple[Value, ...] = (None, "", False, [])

Place = tuple[str, BlockValue]
Judge = Callable[[str, BlockValue], Iterator[Violation]]
"""Yields what the descriptions of a message exclude in one block."""
Problem = Callable[[Field, BlockValue, str], str | None]
"""Returns what is wrong with one argument."""


def _roots(resource: Resource) -> Iterator[Place]:
    """Yield the messages that a resource is sent as.

    The Knative service is another API, whose probes have the members and the bounds of v2's
    (https://cloud.google.com/run/docs/reference/rest/v1/Probe).
    """
    if resource.type == RUN_V1:
        for container in containers(resource):
            for kind in ("startup_probe", "liveness_probe"):
                yield from (("run.Probe", probe) for probe in container.all(kind))
    else:
        yield MESSAGE_OF[resource.type], resource.body


def _places(message: str, block: BlockValue) -> Iterator[Place]:
    """Yield the block and every block inside it, each with the API's message for it."""
    yield message, block
    for name, nested in block.blocks.items():
        field = field_of(message, name)
        if field is not None and field.message:
            for one in nested:
                yield from _places(field.message, one)


def _everywhere(judge: Judge) -> Check:
    def check(resource: Resource, _: Configuration, __: Options) -> Iterator[Violation]:
        for root, body in _roots(resource):
            for message, block in _places(root, body):
                for violation in judge(message, block):
                    if not _is_accepted(resource, violation):
                        yield violation

    return check


def _is_accepted(resource: Resource, violation: Violation) -> bool:
    """Return whether the provider says otherwise.

    It can know a word of a newer API than the description, and it does not send a zero unless
    its definition says so.
    """
    names = [step for step in violation.block.path if isinstance(step, str)]
    path = ".".join([*names, violation.argument or ""])
    checks = {one.path: one for one in checks_of(resource.type)}.get(path, Checks(path))
    if violation.argument is None:
        return False
    if violation.block.number(violation.argument) == 0:
        return not checks.sends_zero
    return violation.block.get(violation.argument) in checks.enum


def _arguments(problem: Problem) -> Judge:
    """Return a judge of every argument of a block that has a description."""

    def judge(message: str, block: BlockValue) -> Iterator[Violation]:
        for name in block.attributes:
            field = field_of(message, name)
            detail = None if field is None else problem(field, block, name)
            if detail is not None:
                yield Violation(block, name, f"{detail} ({message}.{name})")

    return judge


def _outside(field: Field, block: BlockValue, name: str) -> str | None:
    value = block.known(name)
    if field.count is not None and isinstance(value, list) and len(value) > field.count:
        return f"{name} has {len(value)} entries, at most {field.count}"
    text = block.text(name)
    if field.length is not None and text:
        least, most = field.length
        if not least <= len(text) <= most:
            return f"{name} has {len(text)} characters, allowed are {least} to {most}"
    number = block.number(name)
    if field.range is None or number is None:
        return None
    low, high = field.range
    if number < low or (high is not None and number > high):
        allowed = f"{low:,} to {high:,}" if high is not None else f"at least {low:,}"
        return f"{name} = {number:,g}, allowed: {allowed}"
    return None


_OUTSIDE = _arguments(_outside)


def _bounds(message: str, block: BlockValue) -> Iterator[Violation]:
    yield from _OUTSIDE(message, block)
    for name, nested in block.blocks.items():
        field = field_of(message, name)
        certain = [one for one in nested if one.is_certain]
        if field is None or field.count is None or (message, field.name) in _ELSEWHERE:
            continue
        if len(certain) > field.count:
            detail = f"{len(certain)} {name} blocks, at most {field.count}"
            yield Violation(certain[field.count], None, f"{detail} ({message}.{name})")


def _word(field: Field, block: BlockValue, name: str) -> str | None:
    text = block.text(name)
    if not text:
        return None
    if field.enum and text not in field.enum:
        return f'{name} = "{text}", allowed: {", ".join(field.enum)}'
    if field.pattern and not re.fullmatch(field.pattern, text):
        return f'{name} = "{text}" does not match {field.pattern}'
    return None


def _exclusive(message: str, block: BlockValue) -> Iterator[Violation]:
    reported: set[tuple[str, ...]] = set()
    names = [name for name in block.attributes if block.known(name) not in _UNSET]
    names += [name for name in block.blocks if block.certain(name)]
    for name in sorted(names, key=block.line_of):
        field = field_of(message, name)
        if field is None or (message, field.name) in _ELSEWHERE:
            continue
        for other in names:
            met = field_of(message, other)
            # The later one of a pair is reported, once for each group.
            is_later = (block.line_of(other), other) < (block.line_of(name), name)
            group = field.exclusive or (met.exclusive if met is not None else ())
            if met is None or not is_later or not {field.name, met.name} <= set(group):
                continue
            if group not in reported:
                reported.add(group)
                detail = f"{other} and {name} exclude each other ({message}.{name})"
                yield Violation(block, name, detail)


_TYPES = (*MESSAGE_OF, RUN_V1)
_PROTO = (
    "google/cloud/compute/v1/compute.proto and google/cloud/run/v2, the description of the field "
    "named"
)

RULES = (
    Rule(
        id="value-out-of-range",
        severity=Severity.ERROR,
        title="a number, a text or a list beyond the API's bounds",
        types=_TYPES,
        why="The API refuses the resource: `Invalid value for field`.",
        remedy="choose a value inside the bounds",
        reference=_PROTO,
        check=_everywhere(_bounds),
    ),
    Rule(
        id="unknown-value",
        severity=Severity.ERROR,
        title="a word that the API does not know, or a name that it refuses",
        types=_TYPES,
        why="The provider or the API refuses the resource: the field takes the values of an enum, "
        "or names of a fixed form.",
        remedy="write one of the allowed values",
        reference=_PROTO,
        check=_everywhere(_arguments(_word)),
    ),
    Rule(
        id="exclusive-fields",
        severity=Severity.ERROR,
        title="two fields of which the API takes one",
        types=_TYPES,
        why="The API refuses the resource: only one of these fields may be set.",
        remedy="keep one of them",
        reference=_PROTO,
        check=_everywhere(_exclusive),
    ),
)
