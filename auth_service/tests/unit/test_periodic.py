import asyncio

from prometheus_client import REGISTRY

from auth_service.app.periodic import Periodic


async def test_runs_again_after_a_failure_and_counts_it() -> None:
    runs = 0
    third = asyncio.Event()

    async def fail() -> None:
        nonlocal runs
        runs += 1
        if runs == 3:
            third.set()
        raise OSError("the store is unavailable")

    task = Periodic("test_task", fail, seconds=lambda: 0.001)
    task.start()
    async with asyncio.timeout(10):
        await third.wait()
    await task.stop()
    counted = REGISTRY.get_sample_value(
        "swallowed_exceptions_total", {"reason": "test_task_failed"}
    )
    assert counted is not None
    assert counted >= 3


# integrity: allow must-assert: the deadline, or never() raising, is the failure
async def test_stopping_interrupts_the_pause() -> None:
    async def never() -> None:
        raise AssertionError("the pause is an hour")

    task = Periodic("test_pause", never, seconds=lambda: 3600)
    task.start()
    async with asyncio.timeout(10):
        await task.stop()


async def test_stopping_lets_a_run_finish() -> None:
    started, finished = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        started.set()
        await asyncio.sleep(0.05)
        finished.set()

    task = Periodic("test_finish", work, seconds=lambda: 0.001)
    task.start()
    async with asyncio.timeout(10):
        await started.wait()
        await task.stop()
    assert finished.is_set()


# integrity: allow must-assert: the deadline, or never() raising, is the failure
async def test_a_task_that_was_never_started_stops() -> None:
    async def never() -> None:
        raise AssertionError("not started")

    await Periodic("test_idle", never, seconds=lambda: 1).stop()
