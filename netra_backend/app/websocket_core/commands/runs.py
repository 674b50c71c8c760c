"""``run.start``, ``run.resume`` and ``run.cancel``."""

import msgspec

from netra_backend.app.runs.run_spec import ResumeRun, StartRun
from netra_backend.app.websocket_core import responses
from netra_backend.app.websocket_core.commands.context import CommandContext, Outcome
from netra_backend.app.websocket_core.ports import RunCommands as RunPort
from netra_backend.app.websocket_core.protocol import (
    RunCancelParams,
    RunResumeParams,
    RunStartParams,
)
from netra_backend.app.websocket_core.state_registry import ConnectionState
from netra_shared.errors import Draining, MessageTooLarge


class RunCommands:
    """Commands that start, resume and cancel runs.

    The run service checks the owner of the thread under its lock.

    Args:
        runs: the run service.
    """

    def __init__(self, runs: RunPort) -> None:
        self._runs = runs

    async def start(self, context: CommandContext, params: RunStartParams) -> Outcome:
        """Execute ``run.start``."""
        _refuse_while_draining(context)
        size = len(params.message.content.encode())
        if size > context.limits.max_message_bytes:
            raise MessageTooLarge(
                f"The message has {size} bytes; the limit is {context.limits.max_message_bytes}."
            )
        started = await self._runs.start(
            StartRun(
                user=context.claims,
                thread_id=params.thread_id,
                command_id=params.command_id,
                message_id=params.message.id,
                content=params.message.content,
                on_busy=params.on_busy,
                parent_id=params.parent_id,
                regenerate=params.regenerate,
            )
        )
        return responses.RunStartResult(started.run_id, params.thread_id, params.message.id), ()

    async def resume(self, context: CommandContext, params: RunResumeParams) -> Outcome:
        """Execute ``run.resume``."""
        _refuse_while_draining(context)
        started = await self._runs.resume(
            ResumeRun(
                user=context.claims,
                thread_id=params.thread_id,
                command_id=params.command_id,
                answers=[msgspec.to_builtins(answer) for answer in params.resume],
            )
        )
        return responses.RunResumeResult(started.run_id, params.thread_id), ()

    async def cancel(self, context: CommandContext, params: RunCancelParams) -> Outcome:
        """Execute ``run.cancel``."""
        status = await self._runs.cancel(user=context.claims, run_id=params.run_id)
        return responses.RunCancelResult(params.run_id, str(status)), ()


def _refuse_while_draining(context: CommandContext) -> None:
    if context.record.state is ConnectionState.DRAINING:
        raise Draining("The instance shuts down; reconnect and repeat the command.", retry_after=1)
