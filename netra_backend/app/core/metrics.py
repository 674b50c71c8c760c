"""The Prometheus endpoint of the instance: the metrics of both processes in one document."""

from collections.abc import Iterable, Iterator, Sequence
from typing import cast

from fastapi import APIRouter, Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Gauge,
    generate_latest,
)
from prometheus_client.metrics_core import Metric

from netra_backend.app.worker.client import RemoteRuns
from netra_backend.app.worker.contract import Family
from netra_shared.errors import NetraError

AGENT_METRICS_PRESENT = Gauge(
    "netra_agents_metrics_present",
    "1 when this document has the metrics of the agent process, 0 when it did not answer in time.",
)


def metrics_router(runs: RemoteRuns) -> APIRouter:
    """Return the route ``/metrics``. It is not routed through the edge."""
    router = APIRouter(include_in_schema=False)

    @router.get("/metrics")
    async def metrics() -> Response:
        """Return every metric of the instance in the text exposition format."""
        families: Sequence[Family] = ()
        try:
            families = await runs.metrics()
        except NetraError:
            AGENT_METRICS_PRESENT.set(0)  # a scrape must not fail because of one process
        else:
            AGENT_METRICS_PRESENT.set(1)
        document = generate_latest(cast("CollectorRegistry", _Both(families)))
        return Response(document, media_type=CONTENT_TYPE_LATEST)

    return router


class _Both:
    """The collector that ``generate_latest`` reads: the metrics of both processes."""

    def __init__(self, families: Sequence[Family]) -> None:
        self._families = families

    def collect(self) -> Iterator[Metric]:
        return merged(REGISTRY.collect(), self._families)


def merged(ours: Iterable[Metric], theirs: Iterable[Family]) -> Iterator[Metric]:
    """Yield all families; samples with equal name and labels are added."""
    others = {family.name: family for family in theirs}
    for metric in ours:
        yield _sum(metric, others.pop(metric.name, None))
    for family in others.values():
        yield _sum(Metric(family.name, family.documentation, family.type), family)


def _sum(metric: Metric, other: Family | None) -> Metric:
    if other is None:
        return metric
    values = {(one.name, tuple(sorted(one.labels.items()))): one.value for one in metric.samples}
    for one in other.samples:
        key = (one.name, tuple(sorted(one.labels.items())))
        known = values.get(key)
        if known is not None and one.name.endswith("_created"):
            values[key] = min(known, one.value)  # a creation time, not an amount
        else:
            values[key] = (known or 0.0) + one.value
    together = Metric(metric.name, metric.documentation, metric.type)
    for (name, labels), value in values.items():
        together.add_sample(name, dict(labels), value)
    return together
