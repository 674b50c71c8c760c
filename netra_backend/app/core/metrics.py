"""The Prometheus endpoint of the instance: both processes in one document."""

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

AGENTS_TOLD = Gauge(
    "netra_agents_metrics_present",
    "1 when this document has the agent process's metrics, 0 when it did not answer in time.",
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
            AGENTS_TOLD.set(0)  # the metric is the report: a scrape must not fail or wait
        else:
            AGENTS_TOLD.set(1)
        document = generate_latest(cast("CollectorRegistry", _Both(families)))
        return Response(document, media_type=CONTENT_TYPE_LATEST)

    return router


class _Both:
    """What ``generate_latest`` reads: this process's metrics and the other's."""

    def __init__(self, families: Sequence[Family]) -> None:
        self._families = families

    def collect(self) -> Iterator[Metric]:
        return merged(REGISTRY.collect(), self._families)


def merged(ours: Iterable[Metric], theirs: Iterable[Family]) -> Iterator[Metric]:
    """Yield all families; what both processes count under one name and labels is added up."""
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
            values[key] = min(known, one.value)  # since when, not how much
        else:
            values[key] = (known or 0.0) + one.value
    together = Metric(metric.name, metric.documentation, metric.type)
    for (name, labels), value in values.items():
        together.add_sample(name, dict(labels), value)
    return together
