"""What Cloud Run refuses in a service by itself: names, variables, ports, traffic, scaling."""

import re
from collections import Counter
from collections.abc import Iterator

from netra_cloud.terraform.configuration import Configuration, Resource
from netra_cloud.terraform.findings import Options, Rule, Severity, Violation
from netra_cloud.terraform.rules.graph import RUN_SERVICES, RUN_V1
from netra_cloud.terraform.rules.run_settings import containers, serving_container
from netra_cloud.terraform.values import BlockValue

_NAME = re.compile(r"[a-z]([-a-z0-9]{0,47}[a-z0-9])?")
_RESERVED = frozenset({"PORT", "K_SERVICE", "K_REVISION", "K_CONFIGURATION"})
# A sidecar may have a port of its own: the provider's acceptance tests set PORT there
# (cloud_run_service_multicontainer and cloudrunv2_service_multicontainer in magic-modules).
_OF_THE_SERVING_CONTAINER = "PORT"
_WHOLE = 100


def _names(resource: Resource, _: Configuration, __: Options) -> Iterator[Violation]:
    name = resource.body.text("name")
    if name and not _NAME.fullmatch(name):
        yield Violation(resource.body, "name", f'"{name}" is no name of a Cloud Run service')


def _environment(resource: Resource, _: Configuration, __: Options) -> Iterator[Violation]:
    serving = serving_container(resource)
    for container in containers(resource):
        named: Counter[str] = Counter()
        for variable in container.certain("env"):
            name = variable.text("name")
            if name is None:
                continue
            named[name] += 1
            is_own = name == _OF_THE_SERVING_CONTAINER and container is not serving
            if name in _RESERVED and not is_own:
                yield Violation(variable, "name", f"{name} is set by Cloud Run itself")
            elif named[name] == 2:  # noqa: PLR2004  the second one, once
                yield Violation(variable, "name", f"{name} is set twice")


def _ports(resource: Resource, _: Configuration, __: Options) -> Iterator[Violation]:
    listed = containers(resource)
    with_port = [container for container in listed if container.certain("ports")]
    may_have = [container for container in listed if container.all("ports")]
    if len(with_port) > 1:
        yield Violation(with_port[1], "ports", f"{len(with_port)} containers have a port")
    elif len(listed) > 1 and not may_have and all(one.is_certain for one in listed):
        yield Violation(listed[0], None, f"none of {len(listed)} containers has a port")


def _traffic(resource: Resource, _: Configuration, __: Options) -> Iterator[Violation]:
    targets = resource.body.all("traffic")
    if not targets or not all(target.is_certain for target in targets):
        return
    percents = [_percent(target) for target in targets]
    known = [percent for percent in percents if percent is not None]
    if len(known) < len(targets):
        return
    if sum(known) != _WHOLE:
        first = next((one for one in targets if one.has("percent")), targets[0])
        yield Violation(first, "percent", f"the percentages add up to {sum(known):g}")


def _percent(target: BlockValue) -> float | None:
    """Return the share of a target, 0 without one; None when it is not known."""
    return target.number("percent") if target.has("percent") else 0.0


def _scaling(resource: Resource, _: Configuration, __: Options) -> Iterator[Violation]:
    if resource.type == RUN_V1:
        return
    for scaling in resource.body.all("template", "scaling"):
        least = scaling.number("min_instance_count")
        most = scaling.number("max_instance_count")
        if least is not None and most and least > most:
            detail = f"{least:g} instances at least and {most:g} at most"
            yield Violation(scaling, "min_instance_count", detail)


RULES = (
    Rule(
        id="run-name",
        severity=Severity.ERROR,
        title="a service name that Cloud Run refuses",
        types=RUN_SERVICES,
        why="A name has lowercase letters, digits and hyphens, starts with a letter, does not end "
        "with a hyphen, and has fewer than 50 characters.",
        remedy="choose a shorter name of these characters",
        reference="google/cloud/run/v2/service.proto, CreateServiceRequest.service_id",
        check=_names,
    ),
    Rule(
        id="run-environment",
        severity=Severity.ERROR,
        title="a variable that Cloud Run sets itself, or one name twice",
        types=RUN_SERVICES,
        why="PORT, K_SERVICE, K_REVISION and K_CONFIGURATION are part of the container contract, "
        "and each other name may occur once.",
        remedy="remove it; the port is containers.ports.container_port",
        reference="https://cloud.google.com/run/docs/container-contract#env-vars",
        api_error="The following reserved env names were provided: {value}. These values are "
        "automatically set by the system.",
        check=_environment,
    ),
    Rule(
        id="run-ports",
        severity=Severity.ERROR,
        title="not exactly one container with a port",
        types=RUN_SERVICES,
        why="One container receives the requests; with sidecars it is the one that names a port.",
        remedy="write ports in the serving container only",
        reference="https://cloud.google.com/run/docs/deploying#sidecars",
        api_error="Revision template should contain exactly one container with an exposed port.",
        check=_ports,
    ),
    Rule(
        id="run-traffic",
        severity=Severity.ERROR,
        title="traffic that does not add up to 100 percent",
        types=RUN_SERVICES,
        why="Google refuses the service.",
        remedy="make the percentages of all traffic blocks add up to 100",
        reference="https://cloud.google.com/run/docs/rollouts-rollbacks-traffic-migration",
        check=_traffic,
    ),
    Rule(
        id="run-scaling",
        severity=Severity.ERROR,
        title="more instances at least than at most",
        types=RUN_SERVICES,
        why="Google refuses the revision.",
        remedy="lower min_instance_count, or raise max_instance_count",
        reference="https://cloud.google.com/run/docs/configuring/min-instances",
        check=_scaling,
    ),
)
