"""One question and its answer, stoppable from the keyboard."""

import contextlib
from collections.abc import AsyncIterator
from concurrent.futures import CancelledError, Future
from uuid import UUID

from netra_client.client import NetraClient
from netra_client.errors import NetraClientError
from netra_client.events import StreamItem, StreamReset
from netra_client.run import Outcome, Run
from netra_client.stream import ThreadStream
from netra_ops.chat.loop_thread import LoopThread
from netra_ops.chat.presenter import Presenter


class Left(Exception):
    """Ctrl-C was pressed a second time."""


def ask(
    loop: LoopThread, client: NetraClient, presenter: Presenter, thread_id: UUID, text: str
) -> Outcome | None:
    """Send ``text`` and show the answer; the first Ctrl-C stops the run.

    A run that waits for approval continues with the person's decision.

    Raises:
        Left: the second Ctrl-C; the run was asked to stop and this command does not wait.
        NetraClientError: the answer cannot be had.
    """
    run = client.run(thread_id, text)
    _watch(loop, presenter, loop.submit(_show(run, presenter)), run, client)
    while run.outcome is Outcome.INTERRUPTED and (answers := presenter.decide(run.interrupts)):
        run = client.resume(thread_id, answers)
        _watch(loop, presenter, loop.submit(_show(run, presenter)), run, client)
    return run.outcome


def follow(
    loop: LoopThread, client: NetraClient, presenter: Presenter, thread_id: UUID, run_id: UUID
) -> None:
    """Show the rest of a run that was started elsewhere; raises as ``ask`` does."""
    shown = loop.submit(_show(_events_of(client, thread_id, run_id), presenter))
    _watch(loop, presenter, shown, run_id, client)


def _watch(
    loop: LoopThread,
    presenter: Presenter,
    shown: Future[None],
    run: Run | UUID,
    client: NetraClient,
) -> None:
    try:
        shown.result()
    except KeyboardInterrupt:
        run_id = run if isinstance(run, UUID) else run.run_id
        if run_id is None:
            shown.cancel()  # not sent yet, or not answered: there is no run to stop
            raise Left from None
        presenter.note("Stopping … (Ctrl-C again leaves)")
        try:
            loop.submit(client.cancel_run(run_id)).result()
            shown.result()
        except KeyboardInterrupt:
            shown.cancel()
            with contextlib.suppress(CancelledError, NetraClientError):
                shown.result()  # the last lines are on the screen when this returns
            raise Left from None


async def _show(items: AsyncIterator[StreamItem], presenter: Presenter) -> None:
    presenter.start()
    try:
        async for item in items:
            presenter.item(item)
    finally:
        presenter.end()


async def _events_of(
    client: NetraClient, thread_id: UUID, run_id: UUID
) -> AsyncIterator[StreamItem]:
    stream: ThreadStream = await client.subscribe(thread_id)
    async with stream:
        if await client.run_status(thread_id, run_id) != "running":
            return  # it ended before the subscription; the history has it
        async for item in stream:
            yield item
            if isinstance(item, StreamReset):
                if item.active_run_id != run_id:
                    return
            elif item.run_id == run_id and item.is_terminal:
                return
