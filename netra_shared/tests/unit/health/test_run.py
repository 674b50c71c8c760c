"""A check ends at its deadline for any validator and reports why it failed."""

import asyncio
import gc

import pytest

from netra_shared.health.check import ServiceReadinessCheck, Validator
from netra_shared.health.run import MAX_ABANDONED, MAX_OUTPUT_CHARACTERS, CheckRunner
from netra_shared.tests.unit.scripted_validator import Script, never, unresponsive
from netra_shared.tests.unit.virtual_clock import simulate


def runner_of(validator: Validator, *, attempts: int = 2) -> CheckRunner:
    return CheckRunner(
        ServiceReadinessCheck(
            name="redis",
            validator=validator,
            timeout_seconds=3.0,
            retry_count=attempts,
            retry_delay=0.5,
            is_critical=False,
            description="",
        )
    )


@pytest.mark.parametrize(
    ("behaviours", "passed", "attempts", "elapsed", "output"),
    [
        ([("pass", 0.1)], True, 1, 0.1, ""),
        ([("raise", 0.1), ("pass", 0.1)], True, 2, 0.7, ""),
        ([("raise", 0.1)], False, 2, 0.7, "ConnectionRefusedError: refused"),
        ([("no", 0.1)], False, 2, 0.7, "the dependency answered false"),
        ([("hang", 0)], False, 2, 6.5, "no answer within 3 s"),
        ([("unresponsive", 0)], False, 2, 6.5, "no answer within 3 s"),
        ([("hang", 0), ("pass", 2.9)], True, 2, 6.4, ""),
    ],
)
def test_outcomes(
    *, behaviours: list[tuple[str, float]], passed: bool, attempts: int, elapsed: float, output: str
) -> None:
    result = simulate(runner_of(Script(behaviours)).run())
    assert (result.passed, result.attempts, result.output) == (passed, attempts, output)
    assert result.elapsed_seconds == pytest.approx(elapsed)
    assert result.time.tzinfo is not None


async def test_a_cancelled_error_from_a_library_is_a_failure_not_an_end() -> None:
    async def gives_up() -> None:
        raise asyncio.CancelledError

    result = await runner_of(gives_up, attempts=1).run()
    assert not result.passed
    assert "cancelled" in result.output


async def test_cancelling_the_run_cancels_the_attempt() -> None:
    ended = asyncio.Event()

    async def asks() -> None:
        try:
            await never()
        finally:
            ended.set()

    run = asyncio.create_task(runner_of(asks).run())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    async with asyncio.timeout(1):
        await ended.wait()


def test_attempts_that_ignore_cancellation_do_not_pile_up() -> None:
    async def story() -> tuple[int, str]:
        runner = runner_of(unresponsive)
        for _ in range(10):
            assert not (await runner.run()).passed
            assert runner.abandoned <= MAX_ABANDONED
        last = await runner.run()
        await asyncio.sleep(3600)  # the unresponsive ones end
        return runner.abandoned, last.output

    abandoned, output = simulate(story())
    assert abandoned == 0
    assert output == f"{MAX_ABANDONED} earlier attempts ignore their cancellation"


def test_close_waits_no_longer_than_its_timeout() -> None:
    async def story() -> float:
        runner = runner_of(unresponsive)
        await runner.run()
        started = asyncio.get_running_loop().time()
        await runner.close(1.0)
        took = asyncio.get_running_loop().time() - started
        await asyncio.sleep(7200)
        return took

    assert simulate(story()) == pytest.approx(1.0)


async def test_no_credential_and_no_novel_reaches_the_report() -> None:
    async def fails() -> None:
        raise ConnectionError("redis://:hunter2secret@host:6379/0 refused\n" + "x" * 5000)

    result = await runner_of(fails, attempts=1).run()
    assert "hunter2secret" not in result.output
    assert "\n" not in result.output
    assert len(result.output) <= MAX_OUTPUT_CHARACTERS


async def test_a_failure_that_comes_as_the_run_is_cancelled_is_not_lost() -> None:
    """The event loop reports an exception that is never retrieved."""
    reported: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, facts: reported.append(facts))

    async def interrupted() -> None:
        async def fails() -> None:
            running.cancel()  # as a shutdown does in the same turn of the loop
            raise ConnectionError("gone")

        running = asyncio.create_task(runner_of(fails).run())
        with pytest.raises(asyncio.CancelledError):
            await running

    await interrupted()
    await asyncio.sleep(0)  # the loop holds what it ran last
    gc.collect()
    assert reported == []
