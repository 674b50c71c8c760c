"""An attempt that the machine disturbed is made again; one that failed by itself is a failure."""

import asyncio
import time

import pytest

from test_framework.stolen_time import SAMPLE_SECONDS, undisturbed, watching


def stand_still(seconds: float) -> None:
    """Use no processor, and let no one else of this loop have it: as a stopped process does."""
    time.sleep(seconds)


def compute(seconds: float) -> None:
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass


async def a_sample() -> None:
    """Let the watcher look at the clock."""
    await asyncio.sleep(1.5 * SAMPLE_SECONDS)


async def test_what_a_process_computes_itself_is_not_stolen_from_it() -> None:
    async with watching() as stolen:
        await a_sample()
        started = time.monotonic()
        compute(0.2)
        await a_sample()
        ended = time.monotonic()
        stand_still(0.2)
        await a_sample()
    # integrity: allow no-wall-clock: it is about a clock; others may have had the processor, too
    assert stolen.within(started, ended) < ended - started - 0.2 + 0.1
    assert stolen.within(ended, time.monotonic()) > 0.15


async def test_a_disturbed_attempt_is_made_again() -> None:
    attempts = 0

    async def attempt() -> None:
        nonlocal attempts
        attempts += 1
        await a_sample()
        if attempts < 3:
            stand_still(0.2)
        assert attempts == 3

    await undisturbed(attempt, deadline=0.2)
    assert attempts == 3


async def test_a_failure_without_a_cause_in_the_machine_is_immediate() -> None:
    attempts = 0

    async def attempt() -> None:
        nonlocal attempts
        attempts += 1
        await a_sample()
        raise LookupError("a defect")

    with pytest.raises(LookupError):
        await undisturbed(attempt, deadline=60.0)
    assert attempts == 1
