"""One run by its trace id: from the socket's command to each model step, in two processes."""

import json

import httpx
from prometheus_client.parser import text_string_to_metric_families

from netra_client import FixedToken, NetraClient, Outcome
from netra_ops.alerts.thresholds import load_thresholds
from netra_ops.observability.dashboard import dashboards
from netra_ops.services.loopback import LOOPBACK
from test_framework.fixtures.services import END_SECONDS, MakeToken, StartBackend
from test_framework.log_records import log_records
from test_framework.otlp_receiver import OtlpReceiver, otlp_receiver
from test_framework.waiting import eventually

QUESTION = "What does close code 4413 mean?"  # the operations guide answers it with a tool
STEPS = {"ws run.start", "agent.run", "agent.model", "agent.tool"}


def trace_of_the_run(receiver: OtlpReceiver) -> str:
    found = [trace for trace in receiver.traces if set(receiver.names(trace)) >= STEPS]
    return found[0] if found else ""


async def test_a_run_is_one_trace_from_socket_to_model_step(
    start_backend: StartBackend, make_token: MakeToken
) -> None:
    async with otlp_receiver() as receiver:
        backend = await start_backend(OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=receiver.url)
        address = f"http://{LOOPBACK}:{backend.port}"
        async with NetraClient(address, FixedToken(make_token())) as client:
            thread = await client.threads.create()
            run = client.run(thread.id, QUESTION)
            await run.answer()
            assert run.outcome is Outcome.SUCCESS

        async def is_complete() -> bool:
            return bool(trace_of_the_run(receiver))

        await eventually(is_complete, within=60)
        trace = trace_of_the_run(receiver)
        spans = {span.name: span for span in receiver.traces[trace]}
        # One tree: the model steps belong to the run, the run to the command on the socket.
        assert spans["agent.model"].parent_id == spans["agent.run"].span_id
        assert spans["agent.run"].parent_id == spans["ws run.start"].span_id
        assert spans["agent.run"].attributes["run_id"] == str(run.run_id)
        assert receiver.names(trace).count("agent.model") == 2  # the tool call, and the answer
        assert receiver.refusals == 0
        async with httpx.AsyncClient(timeout=30) as http:
            metrics = (await http.get(f"{address}/metrics")).text
        late = [
            sample.value
            for family in text_string_to_metric_families(metrics)
            for sample in family.samples
            if sample.name == "late_imports_total"
        ]
        assert late
        assert sum(late) == 0
        await backend.stop(END_SECONDS)
    # The same id finds the run's lines in the log of the agent process.
    records = [one for one in log_records(backend) if one.get("trace_id") == trace]
    ended = [one for one in records if one["message"] == "run ended"]
    assert [one["process"] for one in ended] == ["agents"]


def test_the_dashboard_of_one_run_asks_for_that_trace() -> None:
    board = json.loads(dashboards(load_thresholds())["netra-run.json"])
    targets = [target for panel in board["panels"] for target in panel["targets"]]
    assert [target["query"] for target in targets] == ["${trace_id}"]
    assert "trace_id" in {variable["name"] for variable in board["templating"]["list"]}


async def test_a_collector_that_is_absent_costs_the_service_nothing(
    start_backend: StartBackend, make_token: MakeToken
) -> None:
    async with otlp_receiver() as receiver:
        absent = receiver.url
    backend = await start_backend(OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=absent)
    async with NetraClient(f"http://{LOOPBACK}:{backend.port}", FixedToken(make_token())) as client:
        thread = await client.threads.create()
        assert await client.run(thread.id, QUESTION).answer()
    await backend.stop(END_SECONDS)
    records = [one for one in log_records(backend) if one["message"] == "spans not exported"]
    assert 1 <= len(records) <= 2  # once in each process
