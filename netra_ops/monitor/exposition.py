"""Prometheus metrics of a monitor, and a blackbox-style ``/probe?target=URL`` for WebSockets."""

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator, Iterator

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from netra_client import Answer, check
from netra_client.endpoint import socket_url
from netra_client.errors import InvalidUse
from netra_client.token_source import TokenSource
from netra_ops.errors import PortTaken
from netra_ops.measure.latencies import PERCENTILES, Latencies
from netra_ops.monitor.tally import Tally

ANSWERS = {Answer.YES: 1.0, Answer.NO: 0.0, Answer.UNKNOWN: -1.0}


class TallyCollector:
    """What ``generate_latest`` reads: the totals of a tally at that moment."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally

    def collect(self) -> Iterator[Metric]:
        """Yield every family."""
        tally = self._tally
        probes = CounterMetricFamily(
            "netra_monitor_probes", "Probes by outcome.", labels=["outcome"]
        )
        for outcome in ("ok", "refused", "network", "slow", "closed", "protocol"):
            probes.add_metric([outcome], tally.outcomes[outcome])
        yield probes
        closes = CounterMetricFamily("netra_monitor_closes", "Ends by close code.", labels=["code"])
        for code, count in sorted(tally.closes.items()):
            closes.add_metric([str(code)], count)
        yield closes
        latencies = GaugeMetricFamily(
            "netra_monitor_latency_seconds",
            "Percentiles since the start of the monitor.",
            labels=["step", "quantile"],
        )
        for step in ("handshake", "initialize", "round_trip"):
            values: Latencies = getattr(tally, step)
            for percent in PERCENTILES:
                if (seconds := values.percentile(percent)) is not None:
                    latencies.add_metric([step, f"{percent / 100:g}"], seconds)
        yield latencies
        held = tally.held
        yield GaugeMetricFamily("netra_monitor_sockets", "Held sockets that are open.", held.open)
        yield CounterMetricFamily(
            "netra_monitor_resumes", "Reconnects of held sockets.", held.resumes
        )
        yield CounterMetricFamily("netra_monitor_events", "Events received.", held.events)
        yield CounterMetricFamily(
            "netra_monitor_events_expected", "Events due by their offsets.", held.expected
        )


async def probe_document(target: str, token: str | None = None) -> bytes:
    """Return the metrics of one look at ``target``, named as blackbox_exporter names its own.

    Raises:
        InvalidUse: ``target`` is no WebSocket address.
    """
    registry = CollectorRegistry()
    started = time.monotonic()
    diagnosis = await check(target, token=token)
    taken = time.monotonic() - started
    success = diagnosis.is_healthy and diagnosis.of("answers").answer is Answer.YES
    Gauge("probe_success", "1 when the socket opens and answers.", registry=registry).set(success)
    Gauge("probe_duration_seconds", "Of the whole probe.", registry=registry).set(taken)
    answers = Gauge(
        "probe_websocket_check", "1 yes, 0 no, -1 unknown.", ["check"], registry=registry
    )
    seconds = Gauge(
        "probe_websocket_check_seconds", "Duration of the check.", ["check"], registry=registry
    )
    for finding in diagnosis.findings:
        answers.labels(finding.check).set(ANSWERS[finding.answer])
        seconds.labels(finding.check).set(finding.milliseconds / 1000)
    return generate_latest(registry)


def application(tally: Tally, address: str, tokens: TokenSource) -> Starlette:
    """Return the routes ``/metrics`` and ``/probe``.

    Args:
        tally: what ``/metrics`` shows.
        address: of the monitored platform; the only target that is probed with a token.
        tokens: for that target.
    """
    registry = CollectorRegistry()
    registry.register(TallyCollector(tally))

    async def metrics(_request: Request) -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    async def probe(request: Request) -> Response:
        try:
            target = socket_url(request.query_params.get("target", ""))
            token = await tokens.token() if target == socket_url(address) else None
            document = await probe_document(target, token)
        except InvalidUse as error:
            return PlainTextResponse(f"target: {error.message}\n", status_code=400)
        return Response(document, media_type=CONTENT_TYPE_LATEST)

    return Starlette(routes=[Route("/metrics", metrics), Route("/probe", probe)])


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the command that owns this server."""
        yield


@contextlib.asynccontextmanager
async def serving(app: Starlette, host: str, port: int) -> AsyncIterator[int]:
    """Serve ``app``; yield the port, which the kernel chooses when ``port`` is 0.

    Raises:
        PortTaken: another process listens there.
    """
    try:
        listener = socket.create_server((host, port))
    except OSError as error:
        raise PortTaken(
            f"cannot listen on {host}:{port}: {error.strerror}", remedy="give another --listen"
        ) from error
    server = _Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
    with listener:
        task = asyncio.create_task(server.serve(sockets=[listener]), name="exposition")
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = server.force_exit = True
            await task
