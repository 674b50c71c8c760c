"""One document has the metrics of both processes of the instance."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.metrics_core import Metric

from netra_backend.app.core.metrics import merged
from netra_backend.app.worker.contract import Family, Sample


def value(families: dict[str, Metric], family: str, name: str, **labels: str) -> float:
    (found,) = [
        one.value for one in families[family].samples if (one.name, one.labels) == (name, labels)
    ]
    return found


def test_equal_series_are_added_up_and_the_rest_is_unchanged() -> None:
    registry = CollectorRegistry()
    Counter("swallowed_total", "Both have it.", ["reason"], registry=registry).labels("a").inc(2)
    Gauge("sockets", "Only ours.", registry=registry).set(5)
    Histogram("seconds", "Both.", buckets=(1,), registry=registry).observe(0.5)
    theirs = [
        Family(
            "swallowed", "Both have it.", "counter",
            [
                Sample("swallowed_total", {"reason": "a"}, 3.0),
                Sample("swallowed_total", {"reason": "b"}, 1.0),
            ],
        ),
        Family("seconds", "Both.", "histogram", [Sample("seconds_bucket", {"le": "1.0"}, 4.0)]),
        Family("runs", "Only theirs.", "gauge", [Sample("runs", {}, 7.0)]),
    ]  # fmt: skip
    families = {one.name: one for one in merged(registry.collect(), theirs)}
    assert set(families) == {"swallowed", "sockets", "seconds", "runs"}
    assert value(families, "swallowed", "swallowed_total", reason="a") == 5
    assert value(families, "swallowed", "swallowed_total", reason="b") == 1
    assert value(families, "seconds", "seconds_bucket", le="1.0") == 5
    assert value(families, "sockets", "sockets") == 5
    assert value(families, "runs", "runs") == 7
    assert families["runs"].type == "gauge"
