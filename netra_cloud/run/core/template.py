"""Revision templates: Google's defaults and what it refuses.

Sources: revision_template.proto, k8s.min.proto; docs.cloud.google.com/run/docs/configuring/
(services/cpu, services/memory-limits, concurrency, request-timeout, healthchecks); texts from
firebase/friendlyeats-web#291 and google/osv.dev#2800.
"""

import copy
from decimal import Decimal, InvalidOperation
from typing import Any

from netra_cloud.run.core.errors import InvalidArgument

Json = dict[str, Any]

DEFAULT_PORT = 8080
MAX_CONCURRENCY = 1000
MAX_TIMEOUT_SECONDS = 3600.0
STARTUP_SECONDS = 240
_MEBI = 1024**2
_SUFFIXES = {
    "Ki": 1024,
    "Mi": _MEBI,
    "Gi": 1024**3,
    "k": 1000,
    "M": 1000**2,
    "G": 1000**3,
}
# CPU -> most memory in GiB, and least in MiB (doc: services/memory-limits).
_MOST = {1: 4, 2: 8, 4: 16, 6: 24, 8: 32}
_LEAST = {1: 128, 2: 128, 4: 2048, 6: 4096, 8: 4096}
_RESERVED_ENV = ("PORT", "K_SERVICE", "K_REVISION", "K_CONFIGURATION")


def seconds(duration: str) -> float:
    """Return the seconds of a protobuf duration such as ``3.5s``.

    Raises:
        InvalidArgument: the text is none.
    """
    try:
        return float(duration.removesuffix("s"))
    except ValueError:
        raise InvalidArgument(
            f"Invalid duration {duration!r}: seconds with 's' expected."
        ) from None


def with_defaults(template: Json) -> Json:
    """Return a template with the defaults that Google fills in."""
    result = copy.deepcopy(template)
    result.setdefault("timeout", "300s")
    result.setdefault("maxInstanceRequestConcurrency", 80)
    result.setdefault("scaling", {}).setdefault("maxInstanceCount", 100)
    for container in result.get("containers", []):
        container.setdefault("resources", {}).setdefault("limits", {})
        limits = container["resources"]["limits"]
        limits.setdefault("cpu", "1000m")
        limits.setdefault("memory", "512Mi")
        container["resources"].setdefault("cpuIdle", True)
    ingress = ingress_container(result)
    if ingress:
        ingress.setdefault("ports", [{}])
        port = ingress["ports"][0]
        port.setdefault("name", "http1")
        port.setdefault("containerPort", DEFAULT_PORT)
        ingress.setdefault(
            "startupProbe",
            {
                "timeoutSeconds": STARTUP_SECONDS,
                "periodSeconds": STARTUP_SECONDS,
                "failureThreshold": 1,
                "tcpSocket": {"port": port["containerPort"]},
            },
        )
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            if probe in ingress:
                _probe_defaults(ingress[probe], port["containerPort"])
    return result


def ingress_container(template: Json) -> Json:
    """Return the container that receives requests: the one with a port, or the first."""
    containers = template.get("containers", [])
    found: Json = next((one for one in containers if one.get("ports")), {})
    return found or (containers[0] if containers else {})


def container_port(template: Json) -> int:
    """Return the port that the container is declared to listen on."""
    return int(ingress_container(template)["ports"][0]["containerPort"])


def check(template: Json) -> None:
    """Refuse what Google refuses in a template (with its defaults).

    Raises:
        InvalidArgument: with the field and the reason.
    """
    containers = template.get("containers", [])
    if not containers:
        raise _violation("template.containers", "Revision template should have a container.")
    if len(containers) > 1 and sum(1 for one in containers if one.get("ports")) != 1:
        raise _violation(
            "template.containers",
            "Revision template should contain exactly one container with an exposed port.",
        )
    for container in containers:
        if not container.get("image"):
            raise _violation("template.containers.image", "Image is a required field.")
        _check_limits(container["resources"])
        _check_env(container.get("env", []))
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            _check_probe(f"template.containers.{probe}", probe, container.get(probe))
    concurrency = template["maxInstanceRequestConcurrency"]
    if not 1 <= concurrency <= MAX_CONCURRENCY:
        raise _violation(
            "template.max_instance_request_concurrency",
            f"expected 0 <= {concurrency} <= {MAX_CONCURRENCY}",
        )
    timeout = seconds(template["timeout"])
    if not 0 < timeout <= MAX_TIMEOUT_SECONDS:
        raise _violation("template.timeout", f"expected 0s <= {timeout:g}s <= 3600s")
    scaling = template["scaling"]
    least, most = scaling.get("minInstanceCount", 0), scaling["maxInstanceCount"]
    if least < 0 or most < 1 or least > most:
        raise _violation(
            "template.scaling",
            f"min_instance_count {least} must be at least 0 and at most max_instance_count {most}.",
        )


def _probe_defaults(probe: Json, port: int) -> None:
    """k8s.min.proto: Probe."""
    probe.setdefault("timeoutSeconds", 1)
    probe.setdefault("periodSeconds", 10)
    probe.setdefault("failureThreshold", 3)
    for action in ("httpGet", "tcpSocket", "grpc"):
        if action in probe:
            probe[action].setdefault("port", port)
    if "httpGet" in probe:
        probe["httpGet"].setdefault("path", "/")


def _check_probe(field: str, kind: str, probe: Json | None) -> None:
    if probe is None:
        return
    # doc: configuring/healthchecks; failureThreshold * periodSeconds of a startup probe is at most
    # 240 s, and the initial delay is bounded by itself (Probe.initial_delay_seconds).
    budget = probe["periodSeconds"] * probe["failureThreshold"]
    delay = probe.get("initialDelaySeconds", 0)
    most = STARTUP_SECONDS if kind == "startupProbe" else MAX_TIMEOUT_SECONDS
    if not 0 <= delay <= most:
        raise _violation(field, f"initial_delay_seconds {delay} must be between 0 and {most}.")
    if probe["timeoutSeconds"] > probe["periodSeconds"]:
        raise _violation(field, "timeout_seconds must not be greater than period_seconds.")
    if kind == "startupProbe" and budget > STARTUP_SECONDS:
        raise _violation(
            field,
            f"The total time of the startup probe ({budget} s) must not exceed "
            f"{STARTUP_SECONDS} seconds.",
        )
    if kind == "livenessProbe" and "tcpSocket" in probe:
        raise _violation(field, "TCP probes are not supported for liveness.")


def _check_env(env: list[Json]) -> None:
    names = [entry.get("name", "") for entry in env]
    for name in names:
        if name in _RESERVED_ENV:
            raise _violation(
                "template.containers.env",
                f"The following reserved env names were provided: {name}. These values are "
                "automatically set by the system.",
            )
        if names.count(name) > 1:
            raise _violation("template.containers.env", f"Duplicate env name: {name}")


def _check_limits(resources: Json) -> None:
    limits = resources["limits"]
    cpu = _quantity("cpu", limits["cpu"])
    memory = _quantity("memory", limits["memory"])
    if cpu < Decimal("0.08") or (cpu > 1 and cpu not in _MOST):
        raise _violation(
            "template.containers.resources.limits.cpu",
            "Invalid value specified for cpu. The following values are supported: '0.08' to '1', "
            "'2', '4', '6', '8'.",
        )
    if cpu < 1 and not resources.get("cpuIdle", True):
        raise _violation(
            "template.containers.resources.limits.cpu",
            "Invalid value specified for cpu. CPU must be at least 1 when CPU is always allocated.",
        )
    step = max(1, int(cpu))
    least, most = _LEAST[step], (_MOST[step] if cpu >= 1 else (1 if cpu > Decimal("0.5") else 0.5))
    if not least * _MEBI <= memory <= Decimal(most) * 1024**3:
        shown = f"{most}Gi" if most >= 1 else "512Mi"
        raise _violation(
            "template.containers.resources.limits.memory",
            f"Invalid value specified for memory. For {float(cpu)} CPU, memory must be between "
            f"{_size(least)} and {shown} inclusive.",
        )


def _size(mebi: int) -> str:
    return f"{mebi}Mi" if mebi < 1024 else f"{mebi // 1024}Gi"  # noqa: PLR2004 -- Mi in a Gi


def _quantity(name: str, text: str) -> Decimal:
    try:
        if name == "cpu":
            return Decimal(text[:-1]) / 1000 if text.endswith("m") else Decimal(text)
        for suffix, factor in _SUFFIXES.items():
            if text.endswith(suffix):
                return Decimal(text.removesuffix(suffix)) * factor
        return Decimal(text)
    except InvalidOperation:
        raise _violation(
            f"template.containers.resources.limits.{name}",
            f"Invalid value specified for {name}: '{text}' is not a quantity.",
        ) from None


def _violation(field: str, text: str) -> InvalidArgument:
    return InvalidArgument(f"{field}: {text}", (f"service.{field}", text))
