"""An open loop: starts do not wait for what was started before."""

import asyncio

import pytest

from netra_ops.monitor.pacing import at_rate


async def test_slow_work_does_not_delay_the_next_start() -> None:
    stop, release = asyncio.Event(), asyncio.Event()
    started = 0

    async def work() -> None:
        nonlocal started
        started += 1
        if started == 5:
            stop.set()
            release.set()
        await release.wait()

    async with asyncio.timeout(30):
        await at_rate(work, per_second=500, limit=100, skipped=lambda: None, stop=stop)
    assert started >= 5


async def test_what_exceeds_the_limit_is_skipped_and_counted() -> None:
    stop, release = asyncio.Event(), asyncio.Event()
    skipped = 0

    def skip() -> None:
        nonlocal skipped
        skipped += 1
        if skipped == 3:
            stop.set()
            release.set()

    async def work() -> None:
        await release.wait()

    async with asyncio.timeout(30):
        await at_rate(work, per_second=500, limit=2, skipped=skip, stop=stop)
    assert skipped >= 3


async def test_a_defect_of_the_work_ends_the_loop() -> None:
    async def work() -> None:
        raise ZeroDivisionError

    async with asyncio.timeout(30):
        with pytest.raises(ExceptionGroup) as caught:
            await at_rate(work, per_second=100, limit=5, skipped=lambda: None, stop=asyncio.Event())
    assert isinstance(caught.value.exceptions[0], ZeroDivisionError)
