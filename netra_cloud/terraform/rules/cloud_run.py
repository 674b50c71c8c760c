"""Cloud Run services as backends of a load balancer that carries WebSockets."""

import re
from collections.abc import Iterator

from netra_cloud.terraform.configuration import Configuration, Resource
from netra_cloud.terraform.findings import Options, Rule, Severity, Violation
from netra_cloud.terraform.rules.graph import (
    BACKEND_SERVICE,
    NEG,
    RUN_V2,
    run_services,
    socket_services,
)
from netra_cloud.terraform.values import BlockValue, Unknown

_DEFAULT_TIMEOUT_SECONDS = 300.0
_MAX_TIMEOUT_SECONDS = 3600.0
_MAX_CONCURRENCY = 1000
_DEFAULT_PERIOD_SECONDS = 10.0
_DEFAULT_THRESHOLD = 3.0
_STARTUP_BOUND_SECONDS = 240.0
_DURATION = re.compile(r"^(\d+(?:\.\d+)?)s$")


def seconds(duration: str | None) -> float | None:
    """Return the seconds of a protobuf duration such as ``3600s``, None when it is none."""
    match = _DURATION.match(duration or "")
    return float(match.group(1)) if match else None


def _timeout(
    resource: Resource, configuration: Configuration, options: Options
) -> Iterator[Violation]:
    if resource.address not in socket_services(configuration, options):
        return
    for template in resource.body.all("template"):
        value = template.get("timeout")
        if isinstance(value, Unknown):
            continue
        allowed = _DEFAULT_TIMEOUT_SECONDS if value is None else seconds(str(value))
        if allowed is not None and allowed < options.socket_age_seconds:
            yield Violation(
                template,
                "timeout",
                f"sockets end after {allowed:.0f} s, promised: {options.socket_age_seconds:.0f} s",
            )


def _timeout_range(resource: Resource, _: Configuration, __: Options) -> Iterator[Violation]:
    for template in resource.body.all("template"):
        value = template.text("timeout")
        allowed = seconds(value)
        if value is not None and (allowed is None or allowed > _MAX_TIMEOUT_SECONDS):
            yield Violation(template, "timeout", f'timeout "{value}"')


def _throttled(
    resource: Resource, configuration: Configuration, options: Options
) -> Iterator[Violation]:
    if resource.address not in socket_services(configuration, options):
        return
    for container in resource.body.all("template", "containers")[:1]:
        sized = container.first("resources")
        if sized is None or sized.get("cpu_idle") in {None, True}:
            yield Violation(
                sized or container, "cpu_idle", f"{resource.address} holds sockets with cpu_idle"
            )


def _affinity(
    resource: Resource, configuration: Configuration, options: Options
) -> Iterator[Violation]:
    if resource.address not in socket_services(configuration, options):
        return
    for template in resource.body.all("template"):
        if template.get("session_affinity") in {None, False}:
            yield Violation(template, None, f"{resource.address} holds sockets without affinity")


def _h2c(resource: Resource, configuration: Configuration, options: Options) -> Iterator[Violation]:
    if resource.address not in socket_services(configuration, options):
        return
    for port in resource.body.all("template", "containers", "ports"):
        if port.get("name") == "h2c":
            yield Violation(port, "name", "WebSockets to a container port named h2c")


def _concurrency(resource: Resource, _: Configuration, __: Options) -> Iterator[Violation]:
    for template in resource.body.all("template"):
        value = template.number("max_instance_request_concurrency")
        if value is not None and not 1 <= value <= _MAX_CONCURRENCY:
            yield Violation(
                template, "max_instance_request_concurrency", f"concurrency {value:.0f}"
            )


def _ingress(resource: Resource, configuration: Configuration, _: Options) -> Iterator[Violation]:
    protected = {
        service.address
        for backend in configuration.of_type(BACKEND_SERVICE)
        if backend.body.has("security_policy")
        for service in run_services(backend, configuration)
    }
    if resource.address not in protected:
        return
    if resource.body.get("ingress") in {None, "INGRESS_TRAFFIC_ALL"}:
        yield Violation(resource.body, "ingress", f"{resource.address} is open beside Cloud Armor")


def _neg_region(
    resource: Resource, configuration: Configuration, _: Options
) -> Iterator[Violation]:
    region = resource.body.text("region")
    for target in resource.body.all("cloud_run"):
        for service in configuration.referenced(target, "service"):
            location = service.body.text("location")
            if region and location and region != location:
                yield Violation(
                    resource.body, "region", f"group in {region}, service in {location}"
                )


def _probes(resource: Resource, _: Configuration, __: Options) -> Iterator[Violation]:
    for container in resource.body.all("template", "containers"):
        for kind in ("startup_probe", "liveness_probe", "readiness_probe"):
            for probe in container.all(kind):
                yield from _probe(probe, kind)


def _probe(probe: BlockValue, kind: str) -> Iterator[Violation]:
    period = probe.number("period_seconds") or _DEFAULT_PERIOD_SECONDS
    timeout = probe.number("timeout_seconds") or 1.0
    failures = probe.number("failure_threshold") or _DEFAULT_THRESHOLD
    delay = probe.number("initial_delay_seconds") or 0.0
    if timeout > period:
        yield Violation(
            probe, "timeout_seconds", f"{kind}: timeout {timeout:.0f} s above period {period:.0f} s"
        )
    total = delay + period * failures
    if kind == "startup_probe" and total > _STARTUP_BOUND_SECONDS:
        yield Violation(
            probe, None, f"{kind}: {delay:.0f} + {period:.0f} * {failures:.0f} = {total:.0f} s"
        )


_TYPES = (RUN_V2,)
_REQUEST_TIMEOUT = "https://cloud.google.com/run/docs/configuring/request-timeout"

RULES = (
    Rule(
        id="socket-timeout",
        severity=Severity.WARNING,
        title="Cloud Run ends sockets sooner than promised",
        types=_TYPES,
        why="A socket is one request: Cloud Run cuts it at the request timeout, busy or idle, and "
        "the client sees 1006. The default is 300 s.",
        remedy='set template.timeout = "3600s" and let the server close sockets a little earlier',
        reference=_REQUEST_TIMEOUT,
        check=_timeout,
        needs_configuration=True,
    ),
    Rule(
        id="run-timeout-range",
        severity=Severity.ERROR,
        title="a request timeout that Cloud Run does not have",
        types=_TYPES,
        why='Cloud Run takes a duration such as "300s", at most 3600 s.',
        remedy='write a duration up to "3600s"',
        reference=_REQUEST_TIMEOUT,
        check=_timeout_range,
    ),
    Rule(
        id="sockets-throttled",
        severity=Severity.WARNING,
        title="sockets on throttled CPU",
        types=_TYPES,
        why="With cpu_idle an instance has no CPU between requests. Open sockets keep it active, "
        "but work that outlives them (runs, flushes, leases) stops in the middle.",
        remedy="set resources.cpu_idle = false on the serving container",
        reference="https://cloud.google.com/run/docs/configuring/billing-settings",
        check=_throttled,
        needs_configuration=True,
    ),
    Rule(
        id="sockets-without-affinity",
        severity=Severity.WARNING,
        title="sockets without Cloud Run session affinity",
        types=_TYPES,
        why="A reconnecting client lands on any instance; correct programs survive that, warm ones "
        "resume faster.",
        remedy="set template.session_affinity = true",
        reference="https://cloud.google.com/run/docs/configuring/session-affinity",
        check=_affinity,
        needs_configuration=True,
    ),
    Rule(
        id="sockets-to-h2c",
        severity=Severity.ERROR,
        title="WebSockets to an h2c port",
        types=_TYPES,
        why="End-to-end HTTP/2 and WebSockets exclude each other on Cloud Run; handshakes end in "
        "503.",
        remedy="remove name from ports, or write http1",
        reference="https://cloud.google.com/run/docs/triggering/websockets",
        check=_h2c,
        needs_configuration=True,
    ),
    Rule(
        id="run-concurrency-range",
        severity=Severity.ERROR,
        title="concurrency outside 1 to 1000",
        types=_TYPES,
        why="Cloud Run sends an instance between 1 and 1000 requests at once.",
        remedy="choose what an instance can really hold, up to 1000",
        reference="https://cloud.google.com/run/docs/about-concurrency",
        check=_concurrency,
    ),
    Rule(
        id="ingress-beside-armor",
        severity=Severity.WARNING,
        title="a service open to everyone beside its Cloud Armor policy",
        types=_TYPES,
        why="The service's own URL leads around the load balancer, policy and header rules.",
        remedy='set ingress = "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER" and '
        "default_uri_disabled = true",
        reference="https://cloud.google.com/run/docs/securing/ingress",
        check=_ingress,
        needs_configuration=True,
    ),
    Rule(
        id="neg-region",
        severity=Severity.ERROR,
        title="a serverless endpoint group in another region than its service",
        types=(NEG,),
        why="The group finds services of its own region and project only.",
        remedy="give both the same region",
        reference="https://cloud.google.com/load-balancing/docs/negs/serverless-neg-concepts",
        check=_neg_region,
        needs_configuration=True,
    ),
    Rule(
        id="probe-budget",
        severity=Severity.ERROR,
        title="a probe whose numbers do not add up",
        types=_TYPES,
        why="One attempt must fit into its period, and all of start-up into 240 s; otherwise Cloud "
        "Run refuses the revision or kills it before it had its time.",
        remedy="lower timeout_seconds to at most period_seconds, and initial_delay_seconds + "
        "period_seconds * failure_threshold to at most 240",
        reference="https://cloud.google.com/run/docs/configuring/healthchecks",
        check=_probes,
    ),
)
