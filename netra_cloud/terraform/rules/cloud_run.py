"""Cloud Run services as backends of a load balancer that carries WebSockets."""

from collections.abc import Iterator

from netra_cloud.terraform.configuration import Configuration, Resource
from netra_cloud.terraform.findings import Options, Rule, Severity, Violation
from netra_cloud.terraform.rules.graph import (
    BACKEND_SERVICES,
    NEG,
    RUN_SERVICES,
    RUN_V1,
    run_services,
)
from netra_cloud.terraform.rules.run_settings import (
    concurrency,
    containers,
    ingress,
    request_timeouts,
    revision_annotation,
    serving_container,
)
from netra_cloud.terraform.rules.socket_routes import socket_services
from netra_cloud.terraform.values import BlockValue, Unknown

_DEFAULT_TIMEOUT_SECONDS = 300.0
_MAX_TIMEOUT_SECONDS = 3600.0
_MAX_CONCURRENCY = 1000
_DEFAULT_PERIOD_SECONDS = 10.0
_DEFAULT_THRESHOLD = 3.0
_STARTUP_BOUND_SECONDS = 240.0


def _timeout(
    resource: Resource, configuration: Configuration, options: Options
) -> Iterator[Violation]:
    if resource.address not in socket_services(configuration, options):
        return
    for timeout in request_timeouts(resource):
        if isinstance(timeout.value, Unknown):
            continue
        allowed = _DEFAULT_TIMEOUT_SECONDS if timeout.value is None else timeout.seconds
        if allowed is not None and allowed < options.socket_age_seconds:
            yield Violation(
                timeout.block,
                timeout.argument,
                f"sockets end after {allowed:.0f} s, promised: {options.socket_age_seconds:.0f} s",
            )


def _timeout_range(resource: Resource, _: Configuration, __: Options) -> Iterator[Violation]:
    for timeout in request_timeouts(resource):
        if timeout.value is None or isinstance(timeout.value, Unknown):
            continue
        allowed = timeout.seconds
        is_duration = resource.type == RUN_V1 or str(timeout.value).endswith("s")
        if not is_duration or allowed is None or not 0 < allowed <= _MAX_TIMEOUT_SECONDS:
            yield Violation(timeout.block, timeout.argument, f'timeout "{timeout.value}"')


def _throttled(
    resource: Resource, configuration: Configuration, options: Options
) -> Iterator[Violation]:
    if resource.address not in socket_services(configuration, options):
        return
    detail = f"{resource.address} holds sockets with cpu_idle"
    if resource.type == RUN_V1:
        throttling = revision_annotation(resource, "run.googleapis.com/cpu-throttling")
        if throttling is not None and throttling.value in (None, True, "true"):
            yield Violation(throttling.block, throttling.argument, detail)
        return
    container = serving_container(resource)
    if container is None:
        return
    sized = container.first("resources")
    if sized is None or sized.get("cpu_idle") in (None, True):
        yield Violation(sized or container, "cpu_idle", detail)


def _h2c(resource: Resource, configuration: Configuration, options: Options) -> Iterator[Violation]:
    if resource.address not in socket_services(configuration, options):
        return
    for container in containers(resource):
        for port in container.all("ports"):
            if port.get("name") == "h2c":
                yield Violation(port, "name", "WebSockets to a container port named h2c")


def _concurrency(resource: Resource, _: Configuration, __: Options) -> Iterator[Violation]:
    for setting in concurrency(resource):
        value = setting.block.number(setting.argument)
        # 0 leaves the choice to Cloud Run.
        if value is not None and value != 0 and not 1 <= value <= _MAX_CONCURRENCY:
            yield Violation(setting.block, setting.argument, f"concurrency {value:.0f}")


def _ingress(resource: Resource, configuration: Configuration, _: Options) -> Iterator[Violation]:
    protected = configuration.once(
        ("services behind Cloud Armor",),
        lambda: {
            service.address
            for backend in configuration.of_type(*BACKEND_SERVICES)
            if backend.body.has("security_policy")
            for service in run_services(backend, configuration)
        },
    )
    if resource.address not in protected:
        return
    allowed = ingress(resource)
    if allowed is not None and allowed.value in (None, "INGRESS_TRAFFIC_ALL"):
        detail = f"{resource.address} is open beside Cloud Armor"
        yield Violation(allowed.block, allowed.argument, detail)


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
    for container in containers(resource):
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
    if kind != "startup_probe":
        return
    if period * failures > _STARTUP_BOUND_SECONDS:
        budget = f"{period:.0f} * {failures:.0f} = {period * failures:.0f} s"
        named = "failure_threshold" if probe.has("failure_threshold") else "period_seconds"
        detail = f"{kind}: {budget}, above {_STARTUP_BOUND_SECONDS:.0f} s"
        yield Violation(probe, named, detail)
    if delay > _STARTUP_BOUND_SECONDS:
        detail = f"{kind}: delay {delay:.0f} s above {_STARTUP_BOUND_SECONDS:.0f} s"
        yield Violation(probe, "initial_delay_seconds", detail)


_TYPES = RUN_SERVICES
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
        why="Cloud Run sends an instance between 1 and 1000 concurrent requests.",
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
        why="One attempt must fit into its period, and all attempts of a startup probe into 240 s; "
        "otherwise Cloud Run refuses the revision.",
        remedy="lower timeout_seconds to at most period_seconds, period_seconds * "
        "failure_threshold to at most 240, and initial_delay_seconds to at most 240",
        reference="https://cloud.google.com/run/docs/configuring/healthchecks",
        check=_probes,
    ),
)
