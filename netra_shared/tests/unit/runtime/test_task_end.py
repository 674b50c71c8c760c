import asyncio

from netra_shared.runtime.task_end import end_task


async def forever(losing: int) -> None:
    """Run forever and lose the first ``losing`` cancellations, as a library does."""
    while True:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            losing -= 1
            if losing < 0:
                raise


async def started(losing: int) -> "asyncio.Task[None]":
    task = asyncio.create_task(forever(losing))
    await asyncio.sleep(0)
    return task


async def test_a_task_ends_although_it_loses_cancellations() -> None:
    for losing in (0, 1, 3):
        task = await started(losing)
        assert await end_task(task, within_seconds=5.0)
        assert task.cancelled()


async def test_a_task_that_never_heeds_is_reported_in_time() -> None:
    task = await started(losing=3)
    assert not await end_task(task, within_seconds=0.25)
    assert not task.done()
    assert await end_task(task, within_seconds=5.0)


async def test_a_task_that_has_ended_is_left_alone() -> None:
    task = asyncio.create_task(asyncio.sleep(0, "result"))
    await task
    assert await end_task(task, within_seconds=1.0)
    assert task.result() == "result"


async def test_who_is_ended_itself_leaves_nothing_behind() -> None:
    """An owner that is cancelled again and again while it ends what it owns."""
    owned = await started(losing=3)

    async def own() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await end_task(owned, within_seconds=5.0)

    owner = asyncio.create_task(own())
    await asyncio.sleep(0)
    assert await end_task(owner, within_seconds=5.0)
    assert owner.cancelled()
    assert owned.cancelled()
