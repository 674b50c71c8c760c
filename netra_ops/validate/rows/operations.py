"""Section 7: rollback drill, health watch, an alert raised and resolved, deviations documented."""

import asyncio
import re
import time
from collections.abc import Sequence
from pathlib import Path

from netra_cloud.terraform.linter import RULES
from netra_ops.alerts.board import Board
from netra_ops.alerts.collect import Collector
from netra_ops.alerts.thresholds import load_thresholds
from netra_ops.services.loopback import LOOPBACK
from netra_ops.validate.alert_drill import Drill, run_drill
from netra_ops.validate.evidence import Evidence, Finding, Judged, judged
from netra_ops.validate.rollback_drill import Rolled, roll_back_a_release
from netra_ops.validate.row import FULL_ONLY, Phase, Row
from netra_ops.validate.target import Target

WATCH_ROUNDS = 3
BETWEEN_SECONDS = 0.5
RUNBOOK = "docs/runbook/README.md"
DEVIATIONS = "docs/deviations.md"
_RULE_CELL = re.compile(r"\|\s*((?:`[a-z0-9-]+`(?:,\s*)?)+)\s*\|\s*$")
_LINK = re.compile(r"\]\(([\w-]+\.md)\)")


async def rollback_drill(_target: Target) -> Finding:
    """Deploy a bad release to a local Cloud Run, roll back, un-pin, and ask the public address."""
    return judge_rollback(await asyncio.to_thread(roll_back_a_release))


def judge_rollback(found: Rolled) -> Judged:
    """Judge what the public address answered in each step of the drill."""
    return judged(
        [
            Evidence(
                "the bad release served before",
                f"{found.bad_served} (bad: {found.bad})",
                found.bad_served == found.bad != found.good,
            ),
            Evidence(
                "after the rollback the public address serves the good release",
                f"{found.served_after} (good: {found.good})",
                found.served_after == found.good,
            ),
            Evidence(
                "the traffic is un-pinned: the next deploy serves",
                f"{found.next_served} (next: {found.next})",
                found.next_served == found.next and not found.is_pinned,
            ),
        ]
    )


async def health_watch(target: Target) -> Finding:
    """Watch health and sockets for some rounds by ``monitoring-thresholds.yaml``."""
    await target.tokens.token()
    board = Board(load_thresholds())
    details = target.address
    if target.local is not None:
        details = f"http://{LOOPBACK}:{target.local.backend_port}"
    collector = Collector(target.address, details, target.tokens, board)
    for _ in range(WATCH_ROUNDS):
        await collector.round(time.time())
        await asyncio.sleep(BETWEEN_SECONDS)
    board.evaluate(time.time())
    return judge_watch(board, collector.notes)


def judge_watch(board: Board, notes: Sequence[str]) -> Judged:
    """Judge a board after some rounds: signals were measured, and nothing is wrong."""
    good, bad = board.ratios["connection_success"].window(time.time(), 3600.0)
    health = board.values["health_seconds"].value
    bound = board.thresholds.values["health_seconds"].above
    firing = [one.rule.name for one in board.firing(time.time())[1:]]
    return judged(
        [
            Evidence("every round measured a connection", f"{good} ok, {bad} failed", good > 0),
            Evidence("no connection fails", f"{bad} of {good + bad}", not bad),
            Evidence(
                f"health answers below {bound:g} s",
                "no value" if health is None else f"{health * 1000:.1f} ms",
                health is not None and health < bound,
            ),
            Evidence("no alert fires and no signal is missing", str(firing or notes or "none"),
                     not firing and not notes),
        ]
    )  # fmt: skip


async def alert_drill(target: Target) -> Finding:
    """Let real probes fail against a closed port and succeed again; follow the alert to a sink."""
    return judge_alert(await run_drill(target.address, target.tokens))


def judge_alert(drill: Drill) -> Judged:
    """Judge what the receiver of the alerts got."""
    return judged(
        [
            Evidence(
                "an alert fires while sockets fail",
                f"{', '.join(drill.fired) or 'none'} after {drill.failed} failed probes",
                "connection_success" in drill.fired,
            ),
            Evidence(
                "it is sent once",
                f"{len(drill.messages)} messages",
                sum("FIRING" in one.upper() for one in drill.messages) == 1,
            ),
            Evidence(
                "it is resolved when sockets work again",
                f"{', '.join(drill.resolved) or 'none'} after {drill.succeeded} good probes",
                "connection_success" in drill.resolved
                and any("RESOLVED" in one.upper() for one in drill.messages),
            ),
        ]
    )


async def deviations(target: Target) -> Finding:
    """Read the deviations and the runbook: each deviation has a living rule, each page exists."""
    return await asyncio.to_thread(judge_deviations, target.root)


def judge_deviations(root: Path) -> Judged:
    """Judge the documents below ``root``."""
    text = (root / DEVIATIONS).read_text("utf-8")
    named = {
        rule
        for line in text.splitlines()
        if (cell := _RULE_CELL.search(line))
        for rule in re.findall(r"`([a-z0-9-]+)`", cell[1])
    }
    unknown = sorted(named - {rule.id for rule in RULES})
    index = (root / RUNBOOK).read_text("utf-8")
    pages = sorted(set(_LINK.findall(index)))
    absent = [name for name in pages if not (root / RUNBOOK).with_name(name).is_file()]
    return judged(
        [
            Evidence(
                "every deviation of the load balancer names a rule that exists",
                f"{len(named)} rules; unknown: {unknown or 'none'}",
                bool(named) and not unknown,
            ),
            Evidence(
                "every page of the runbook exists",
                f"{len(pages)} pages; absent: {absent or 'none'}",
                bool(pages) and not absent,
            ),
        ]
    )


ROWS = (
    Row(
        "operations.rollback-drill",
        "A rollback leads back to the good release, un-pinned",
        rollback_drill,
        suites=FULL_ONLY,
        phase=Phase.HEAVY,
        seconds=120.0,
        command="python scripts/deploy_to_gcp.py --project P --rollback --dry-run",
    ),
    Row(
        "operations.health-watch",
        "The health watch measures every signal and finds nothing wrong",
        health_watch,
        phase=Phase.RECORDED,
        command="python scripts/websocket_health_monitor.py --environment {environment} --once",
    ),
    Row(
        "operations.alert-drill",
        "An alert is raised, sent once and resolved",
        alert_drill,
        phase=Phase.RECORDED,
        seconds=60.0,
    ),
    Row(
        "operations.deviations",
        "Deviations are documented and enforced",
        deviations,
        phase=Phase.ANYTIME,
        command="netra edge lint netra_cloud/tests/unit/terraform/guide",
    ),
)
