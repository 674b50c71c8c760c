"""Section 3: the state registry through the whole life of a connection."""

import time
from itertools import pairwise

from netra_client import NetraClient, Outcome, StreamReset
from netra_client.endpoint import socket_url
from netra_client.handshake import Offer
from netra_client.timeouts import deadline
from netra_ops.validate.evidence import Evidence, Finding, NotPossible, judged
from netra_ops.validate.protocol_probe import ProtocolProbe, Verdict
from netra_ops.validate.row import FULL_ONLY, Phase, Row
from netra_ops.validate.rows.connections import connect_many, successes
from netra_ops.validate.rows.processes import run_tests
from netra_ops.validate.target import Target

CONNECTIONS = 20
MESSAGE = "What does close code 1012 mean?"  # the built-in operations guide answers it at no cost
UNKNOWN_VERSION = 999_999
SPIKE_SECONDS = 10
SPIKE_PERCENT = 50.0
SPIKE_CONNECTIONS = 4  # below them one failure would be a spike
SCOPE_TEST = "netra_backend/tests/unit/websocket_core/test_state_registry_scope_bug.py"
FLOW_TEST = "tests/e2e/test_websocket_connection_complete_flow.py"
# What a failed handshake leaves by: each branch must end as documented and never with 1011.
BRANCHES = (
    ("without a credential", Offer(("jwt-auth",), {})),
    ("with a malformed token", Offer(("jwt-auth", "jwt.x"), {})),
    ("with a used or invented ticket", Offer(("jwt-auth", "ticket.invented"), {})),
    (
        "with two credentials that differ",
        Offer(("jwt-auth", "jwt.a.b.c"), {"Authorization": "Bearer d.e.f"}),
    ),
)
# What the files hold today: one that lost tests is a failure.
SCOPE_TESTS, FLOW_TESTS = 11, 13


async def scope_test(target: Target) -> Finding:
    """Run the guide's test of the registry's scope."""
    return await run_tests([SCOPE_TEST], target.root, at_least=SCOPE_TESTS)


async def flow_test(target: Target) -> Finding:
    """Run the guide's test of a whole connection on real services and the real edge."""
    return await run_tests([FLOW_TEST], target.root, at_least=FLOW_TESTS)


async def connections(target: Target) -> Finding:
    """Open twenty sockets."""
    results = await connect_many(target, CONNECTIONS)
    return judged([successes(results, target.bounds.connections_percent, "connections")])


async def whole_life(target: Target) -> Finding:
    """Connect, subscribe, run and close; then leave by every failure branch; then connect again."""
    evidence = [await _conversation(target)]
    url = socket_url(target.address)
    for name, offer in BRANCHES:
        report = await ProtocolProbe(url, offer).run()
        target.record.closes.update(report.close_codes)
        last = report.steps[-1]
        seen = f"{report.verdict.value.replace('_', ' ')}: {last.detail}"
        documented = report.verdict is Verdict.REFUSED_AS_DOCUMENTED
        evidence.append(Evidence(f"a handshake {name} is refused as documented", seen, documented))
    after = await connect_many(target, 1)
    evidence.append(successes(after, 100.0, "connections after every failure branch"))
    return judged(evidence)


async def _conversation(target: Target) -> Evidence:
    demanded = "subscribe, run, answer and close on one socket, offsets without a gap"
    offsets: list[int] = []
    resets = 0
    async with (
        deadline("answer", target.bounds.answer),
        NetraClient(target.address, target.tokens) as client,
    ):
        thread = await client.threads.create("validation: registry")
        run = client.run(thread.id, MESSAGE)
        async for item in run:
            if isinstance(item, StreamReset):
                resets += 1
            else:
                offsets.append(item.position.offset)
        await client.threads.delete(thread.id)
    gaps = sum(later - earlier != 1 for earlier, later in pairwise(offsets))
    seen = f"{len(offsets)} events, {gaps} gaps, {resets} resets, run {run.outcome}"
    return Evidence(
        demanded, seen, bool(offsets) and not gaps + resets and run.outcome is Outcome.SUCCESS
    )


async def no_spike(target: Target) -> Finding:
    """Judge every connection of the run: the rate as a whole, and no ten seconds of failures."""
    probes = target.record.probes
    if not probes:
        return NotPossible(
            "no row of this selection opened connections; add --row registry.connections"
        )
    good = sum(ok for ok, _ in probes.values())
    total = good + sum(bad for _, bad in probes.values())
    worst, at = worst_window(probes)
    moment = time.strftime("%H:%M:%S", time.localtime(at))
    return judged(
        [
            Evidence(
                f"at least {target.bounds.connections_percent:g} % of the run's connections",
                f"{good} of {total} succeeded",
                100.0 * good / total >= target.bounds.connections_percent,
            ),
            Evidence(
                f"no {SPIKE_SECONDS} s in which {SPIKE_PERCENT:g} % or more fail",
                f"worst: {worst:.0f} % at {moment}",
                worst < SPIKE_PERCENT,
            ),
        ]
    )


def worst_window(probes: dict[int, tuple[int, int]]) -> tuple[float, int]:
    """Return the highest percentage of failures in any window, and the window's start."""
    worst, at = 0.0, min(probes)
    for start in probes:
        window = [
            counts for second, counts in probes.items() if 0 <= second - start < SPIKE_SECONDS
        ]
        bad = sum(failed for _, failed in window)
        total = bad + sum(ok for ok, _ in window)
        if total >= SPIKE_CONNECTIONS and 100.0 * bad / total > worst:
            worst, at = 100.0 * bad / total, start
    return worst, at


ROWS = (
    Row(
        "registry.scope-test",
        "The registry is reachable at every stage and failure branch (scope test)",
        scope_test,
        suites=FULL_ONLY,
        phase=Phase.HEAVY,
        seconds=120.0,
        command=f"python -m pytest {SCOPE_TEST} -xvs",
    ),
    Row(
        "registry.connections",
        "Connections succeed",
        connections,
        command="python scripts/websocket_connection_monitor.py --environment {environment}"
        " --duration 60s",
    ),
    Row(
        "registry.whole-life",
        "The registry works through the whole life and every failure branch",
        whole_life,
        seconds=90.0,
    ),
    Row(
        "registry.flow-test",
        "A whole connection on real services: drop, resume, refresh, drain, close",
        flow_test,
        suites=FULL_ONLY,
        phase=Phase.HEAVY,
        seconds=200.0,
        command=f"python -m pytest {FLOW_TEST} -xvs",
    ),
    Row(
        "registry.no-failure-spike",
        "No spike of failed connections in the run",
        no_spike,
        phase=Phase.LAST,
        command="python scripts/websocket_connection_monitor.py --environment {environment}"
        " --duration 60s --success-rate-threshold 95",
    ),
)
