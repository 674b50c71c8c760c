"""Rows are executed in their phase, in parallel, and a broken check never passes."""

import asyncio

import httpx
import pytest

from netra_client.errors import ConnectionLost
from netra_ops.errors import OperatorError, SomethingAbsent
from netra_ops.tests.unit.validate.broken import target
from netra_ops.validate.engine import execute_row, run_rows
from netra_ops.validate.evidence import Evidence, Finding, Judged, Verdict, judged
from netra_ops.validate.row import Phase, Row, RowResult
from netra_ops.validate.target import Target


async def passes(_target: Target) -> Finding:
    return Judged(Evidence("one is one", "1", holds=True))


def raising(error: Exception) -> Row:
    async def check(_target: Target) -> Finding:
        raise error

    return Row("a.row", "a row", check)


async def asserts_nothing(_target: Target) -> Finding:
    return judged([])


async def hangs(_target: Target) -> Finding:
    await asyncio.Event().wait()
    return await passes(_target)


@pytest.mark.parametrize(
    ("error", "seen"),
    [
        (ConnectionLost("network: refused"), "network: refused"),
        (OperatorError("no lock", remedy="wait"), "no lock; wait"),
        (httpx.ConnectError("no route"), "no route"),
        (TimeoutError(), "too long"),
        (KeyError("code"), "failed by itself: KeyError"),
    ],
)
async def test_an_error_is_a_failure_with_its_text(error: Exception, seen: str) -> None:
    result = await execute_row(raising(error), target())
    assert result.verdict is Verdict.FAILED
    assert seen in result.summary()


async def test_what_is_absent_is_not_possible_here_with_its_remedy() -> None:
    result = await execute_row(raising(SomethingAbsent("no account", remedy="set X")), target())
    assert (result.verdict, result.reason) == (Verdict.NOT_POSSIBLE, "no account; set X")


async def test_a_row_without_an_assertion_fails() -> None:
    result = await execute_row(Row("a.row", "a row", asserts_nothing), target())
    assert result.verdict is Verdict.FAILED


async def test_a_row_ends_at_its_deadline() -> None:
    result = await execute_row(Row("a.row", "a row", hangs, seconds=0.01), target())
    assert result.verdict is Verdict.FAILED
    assert "0.01 s" in result.summary()


async def test_phases_follow_each_other_and_rows_of_one_overlap() -> None:
    met = asyncio.Barrier(2)
    order: list[str] = []

    async def meets(place: Target) -> Finding:
        await met.wait()  # both rows of the phase are being executed
        return await passes(place)

    rows = [
        Row("z.last", "last", passes, phase=Phase.LAST),
        Row("a.one", "one", meets),
        Row("a.two", "two", meets),
    ]
    ended: list[RowResult] = []
    results = await run_rows(
        rows, target(), on_start=lambda row: order.append(row.id), on_result=ended.append
    )
    assert [one.id for one in results] == ["z.last", "a.one", "a.two"]
    assert order == ["a.one", "a.two", "z.last"]
    assert [one.id for one in ended][-1] == "z.last"


async def test_a_row_of_the_checkout_alone_holds_up_no_phase() -> None:
    done = asyncio.Event()

    async def after_the_last(place: Target) -> Finding:
        await done.wait()
        return await passes(place)

    async def last(place: Target) -> Finding:
        done.set()
        return await passes(place)

    rows = [
        Row("a.code", "code", after_the_last, phase=Phase.ANYTIME),
        Row("z.last", "last", last, phase=Phase.LAST),
    ]
    results = await run_rows(rows, target(), on_start=lambda _: None, on_result=lambda _: None)
    assert [one.verdict for one in results] == [Verdict.PASSED, Verdict.PASSED]
