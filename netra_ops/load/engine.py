"""Runs the users of one worker: an open loop over their schedules."""

import asyncio
import contextlib
import time
from contextlib import AsyncExitStack

from netra_client import IdentityClient, NetraClient, RefreshingTokens
from netra_client.errors import NetraClientError
from netra_client.timeouts import deadline
from netra_ops.load.accounting import Figures
from netra_ops.load.plan import GRACE_SECONDS, UserSchedule, WorkerPlan, schedule
from netra_ops.load.scenarios.base import Scenario
from netra_ops.load.scenarios.catalogue import scenario_of
from netra_ops.load.user import User
from netra_ops.measure.outcome import Outcome, outcome_of

SHORTEST_DEADLINE_SECONDS = 0.05


class Engine:
    """One worker's part of a load test.

    Args:
        plan: what to do.

    Attributes:
        figures: grow while ``run`` runs.
    """

    def __init__(self, plan: WorkerPlan) -> None:
        self.figures = Figures()
        self._plan = plan
        self._scenario_of = scenario_of(plan.scenario)
        self._stop = asyncio.Event()
        self._started = 0.0
        self._ends = 0.0
        self._shared: dict[str, object] = {}

    def stop(self) -> None:
        """Start no further operation; those in flight get their time."""
        self._stop.set()

    async def run(self) -> Figures:
        """Run every user to its end; returns after the grace at the latest.

        Raises:
            ExceptionGroup: a scenario failed with something other than ``NetraClientError``.
        """
        plan, loop = self._plan, asyncio.get_running_loop()
        self._started = loop.time() + (plan.started_at - time.time())
        self._ends = self._started + plan.ramp + plan.duration + GRACE_SECONDS
        async with AsyncExitStack() as ends:
            identity = await ends.enter_async_context(IdentityClient(plan.address))
            accounts = [RefreshingTokens(identity, pair) for pair in plan.accounts]
            for tokens in accounts:
                ends.push_async_callback(tokens.aclose)
            async with asyncio.TaskGroup() as tasks:
                for index, number in enumerate(plan.users):
                    account = index // plan.sockets_per_account
                    tasks.create_task(self._life(number, account, accounts[account]))
        return self.figures

    async def _life(self, number: int, account: int, tokens: RefreshingTokens) -> None:
        plan, figures = self._plan, self.figures
        scenario = self._scenario_of(number)
        times = schedule(
            number,
            plan.total_users,
            duration=plan.duration,
            ramp=plan.ramp,
            interval=plan.interval or scenario.interval,
            together=scenario.together,
        )
        figures.users += 1
        figures.intended += len(times.operations)
        await self._until(self._started + times.arrives)
        client = NetraClient(plan.address, tokens) if scenario.needs_client else None
        user = User(
            number, account, plan.address, tokens, client, self._on_step, shared=self._shared
        )
        async with AsyncExitStack() as ends:
            ends.push_async_callback(_end_tasks, user)
            try:
                await self._open(user, scenario, ends)
            except NetraClientError as error:
                self._not_opened(error)
                figures.dropped += len(times.operations)
                return
            await self._operate(user, scenario, times)

    async def _open(self, user: User, scenario: Scenario, ends: AsyncExitStack) -> None:
        loop = asyncio.get_running_loop()
        started = loop.time()
        if user.client is not None:
            await ends.enter_async_context(user.client)
        async with deadline("prepare", scenario.deadline):
            await scenario.prepare(user)
        self.figures.opened += 1
        self.figures.connect.record(loop.time() - started)

    def _not_opened(self, error: NetraClientError) -> None:
        if outcome_of(error) is Outcome.REFUSED:
            self.figures.refused += 1
        else:
            self.figures.failed += 1

    async def _operate(self, user: User, scenario: Scenario, times: UserSchedule) -> None:
        loop, figures = asyncio.get_running_loop(), self.figures
        for intended in times.operations:
            when = self._started + intended
            was_idle = loop.time() < when
            await self._until(when)
            now = loop.time()
            if self._stop.is_set() or now >= self._ends:
                figures.dropped += 1
                continue
            if was_idle:
                figures.lag.record(max(0.0, now - when))
            figures.sent += 1
            user.intended = when
            seconds = max(SHORTEST_DEADLINE_SECONDS, min(scenario.deadline, self._ends - now))
            try:
                async with deadline("operation", seconds):
                    await scenario.operate(user)
            except NetraClientError as error:
                figures.errors[error.code] += 1
            else:
                figures.ok += 1
            # Also of failures: an instance that freezes must appear in the percentiles.
            figures.step("operation").record(loop.time() - when)

    async def _until(self, when: float) -> None:
        """Wait until the loop's clock shows ``when``, or for the stop."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(when):
                await self._stop.wait()

    def _on_step(self, name: str, seconds: float) -> None:
        self.figures.step(name).record(seconds)


async def _end_tasks(user: User) -> None:
    for task in user.tasks:
        task.cancel()
    await asyncio.gather(*user.tasks, return_exceptions=True)
