"""Each row of the section fails on a system that is broken on purpose."""

from pathlib import Path
from uuid import uuid4

import pytest

from netra_client import Outcome, Position, ThreadEvent
from netra_client.tests.unit.wire_server import running_server
from netra_ops.tests.unit.validate.broken import Break, answering, row_of, target
from netra_ops.validate.evidence import Finding, Judged, Verdict
from netra_ops.validate.row import Row
from netra_ops.validate.rows.golden_path import ROWS, Answer, judge_isolation, judge_sign_in


def row(name: str) -> Row:
    return row_of(ROWS, f"golden-path.{name}")


async def slow_sign_in(_folder: Path) -> Finding:
    return judge_sign_in([2.4, 2.1, 3.0], 2.0)


async def no_tool_and_no_history(_folder: Path) -> Finding:
    """The wire server echoes without a tool call and stores nothing."""
    async with running_server() as wire:
        return await row("answer").check(target(wire.url))


async def a_foreign_event(_folder: Path) -> Finding:
    threads = [uuid4() for _ in range(10)]
    answers = []
    for thread in threads:
        event = ThreadEvent(thread, uuid4(), Position("e", 1), {"type": "RUN_STARTED"})
        answers.append(Answer([event], 0.1, 0.2, Outcome.SUCCESS))
    answers[3].events.append(answers[4].events[0])
    return judge_isolation(list(zip(threads, answers, strict=True)))


async def unready(_folder: Path) -> Finding:
    async with answering("{}", status="503 Service Unavailable") as port:
        return await row("health").check(target(f"http://127.0.0.1:{port}"))


async def refused_pages(_folder: Path) -> Finding:
    async with running_server() as wire:
        wire.refusals.extend([(403, {}, b"")] * 2)
        return await row("connection-rate").check(target(wire.url))


BREAKS: dict[str, Break] = {
    "golden-path.sign-in": slow_sign_in,
    "golden-path.answer": no_tool_and_no_history,
    "golden-path.ten-users": a_foreign_event,
    "golden-path.health": unready,
    "golden-path.connection-rate": refused_pages,
}


@pytest.mark.parametrize("name", BREAKS)
async def test_a_broken_system_fails_the_row(name: str, tmp_path: Path) -> None:
    finding = await BREAKS[name](tmp_path)
    assert isinstance(finding, Judged)
    assert finding.verdict is Verdict.FAILED


async def test_ten_separate_conversations_pass_and_nine_do_not() -> None:
    found = []
    for _ in range(10):
        thread = uuid4()
        event = ThreadEvent(thread, uuid4(), Position("e", 1), {"type": "RUN_STARTED"})
        found.append((thread, Answer([event], 0.1, 0.2, Outcome.SUCCESS)))
    assert judge_isolation(found).verdict is Verdict.PASSED
    assert judge_isolation(found[:9]).verdict is Verdict.FAILED


async def test_an_answer_without_a_tool_call_or_history_names_both() -> None:
    async with running_server() as wire:
        finding = await row("answer").check(target(wire.url))
    assert isinstance(finding, Judged)
    assert [one.holds for one in finding.evidence] == [True, True, False, True, False]
