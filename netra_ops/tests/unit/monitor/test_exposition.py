"""Metrics of the monitor, and probes of other WebSockets."""

import socket
from contextlib import closing

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from netra_client import FixedToken
from netra_client.tests.unit.diagnosis.faulty import websocket_server
from netra_client.tests.unit.wire_server import running_server
from netra_ops.errors import PortTaken
from netra_ops.measure.outcome import Outcome
from netra_ops.measure.probe import ProbeResult
from netra_ops.monitor.exposition import application, serving
from netra_ops.monitor.tally import Tally

TOKENS = FixedToken("a.b.c")


def values(document: str) -> dict[str, float]:
    return {
        f"{sample.name}{sorted(sample.labels.items()) or ''}": sample.value
        for family in text_string_to_metric_families(document)
        for sample in family.samples
    }


async def test_totals_exist_with_0_and_grow() -> None:
    tally = Tally(0.0)
    async with (
        serving(application(tally, "http://localhost", TOKENS), "127.0.0.1", 0) as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http,
    ):
        before = values((await http.get("/metrics")).text)
        tally.add(ProbeResult(at=0.0, outcome=Outcome.OK, handshake=0.02))
        after = values((await http.get("/metrics")).text)
    name = "netra_monitor_probes_total[('outcome', 'ok')]"
    assert (before[name], after[name]) == (0, 1)
    latency = "netra_monitor_latency_seconds[('quantile', '0.99'), ('step', 'handshake')]"
    assert latency not in before
    assert after[latency] == pytest.approx(0.02, rel=0.01)


async def test_any_websocket_can_be_probed() -> None:
    async with (
        websocket_server() as target,
        serving(application(Tally(0.0), "http://localhost", TOKENS), "127.0.0.1", 0) as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as http,
    ):
        good = await http.get("/probe", params={"target": f"ws://127.0.0.1:{target}/any"})
        with closing(socket.socket()) as reserved:
            reserved.bind(("127.0.0.1", 0))
            closed_port = reserved.getsockname()[1]
            bad = await http.get("/probe", params={"target": f"ws://127.0.0.1:{closed_port}"})
        wrong = await http.get("/probe", params={"target": "nothing"})
    assert values(good.text)["probe_success"] == 1
    found = values(bad.text)
    assert found["probe_success"] == 0
    assert found["probe_websocket_check[('check', 'tcp')]"] == 0
    assert found["probe_websocket_check[('check', 'upgrade')]"] == -1
    assert wrong.status_code == 400


async def test_only_the_monitored_platform_gets_the_token() -> None:
    async with running_server() as own, running_server() as other:
        app = application(Tally(0.0), own.url, FixedToken("secret.of.own"))
        async with (
            serving(app, "127.0.0.1", 0) as port,
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as http,
        ):
            for target in (own, other):
                await http.get("/probe", params={"target": target.url})
    assert any("secret.of.own" in str(one) for one in own.handshakes)
    assert not any("secret.of.own" in str(one) for one in other.handshakes)


async def test_a_taken_port_is_reported_with_the_remedy() -> None:
    app = application(Tally(0.0), "http://localhost", TOKENS)
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        with pytest.raises(PortTaken) as caught:
            async with serving(app, "127.0.0.1", taken.getsockname()[1]):
                raise AssertionError
        assert "--listen" in caught.value.remedy
