"""Selects the handler of a command, enforces its deadline, and turns errors into answers."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from netra_backend.app.transport.frames import WireFrame
from netra_backend.app.websocket_core import protocol, responses
from netra_backend.app.websocket_core.commands.connection import ConnectionCommands
from netra_backend.app.websocket_core.commands.context import CommandContext, Outcome, Pending
from netra_backend.app.websocket_core.commands.operations import OperationsCommands
from netra_backend.app.websocket_core.commands.runs import RunCommands
from netra_backend.app.websocket_core.commands.subscriptions import SubscriptionCommands
from netra_backend.app.websocket_core.error_handlers import handle_websocket_error
from netra_backend.app.websocket_core.errors import CommandTimeout, NotInitialized
from netra_backend.app.websocket_core.metrics import COMMAND_SECONDS, COMMANDS
from netra_shared.errors import NetraError
from netra_shared.telemetry import span

_PINGS = COMMANDS.labels("ping", "ok")


class CommandDispatcher:
    """Executes decoded commands of any connection.

    Args:
        connection: commands about the connection itself.
        subscriptions: commands about threads.
        runs: commands about runs.
        operations: commands of the operations view.
    """

    def __init__(
        self,
        connection: ConnectionCommands,
        subscriptions: SubscriptionCommands,
        runs: RunCommands,
        operations: OperationsCommands,
    ) -> None:
        self._subscriptions = subscriptions
        self._operations = operations
        self._handlers: dict[type[protocol.Params], Callable[..., Awaitable[Outcome]]] = {
            protocol.InitializeParams: connection.initialize,
            protocol.TokenRefreshParams: connection.refresh_token,
            protocol.PingParams: connection.ping,
            protocol.SubscribeParams: subscriptions.subscribe,
            protocol.UnsubscribeParams: subscriptions.unsubscribe,
            protocol.PresenceParams: subscriptions.list_presence,
            protocol.RunStartParams: runs.start,
            protocol.RunResumeParams: runs.resume,
            protocol.RunCancelParams: runs.cancel,
            protocol.OperationsSubscribeParams: operations.subscribe,
            protocol.OperationsUnsubscribeParams: operations.unsubscribe,
        }

    def answer_immediately(
        self, context: CommandContext, request: protocol.Request
    ) -> WireFrame | None:
        """Return the answer of a command that needs no wait; ``None``: call ``execute``."""
        if type(request.params) is not protocol.PingParams or not context.initialized:
            return None
        _PINGS.inc()
        return responses.result_frame(request.id, {})

    async def execute(
        self, context: CommandContext, request: protocol.Request
    ) -> tuple[WireFrame, Pending]:
        """Return the frame of the answer, and the subscriptions to start after it is queued."""
        started = time.perf_counter()
        pending: Pending = ()
        outcome = "ok"
        try:
            with span(f"ws {request.method}"):
                async with asyncio.timeout(context.limits.command_seconds):
                    _check_state(context, request.params)
                    handler = self._handlers[type(request.params)]
                    result, pending = await handler(context, request.params)
            frame = responses.result_frame(request.id, result)
        except TimeoutError:
            outcome = CommandTimeout.code
            late = CommandTimeout("The command missed its deadline; it can still take effect.")
            frame = responses.error_frame(request.id, responses.netra_error(late))
        except NetraError as error:
            outcome = error.code
            frame = responses.error_frame(request.id, _error_object(error))
        except Exception as error:  # noqa: BLE001  a defect answers one command, not the others
            outcome = "internal_error"
            frame = responses.error_frame(request.id, _error_object(error))
        COMMANDS.labels(request.method, outcome).inc()
        COMMAND_SECONDS.labels(request.method).observe(time.perf_counter() - started)
        return frame, pending

    async def end(self, context: CommandContext) -> None:
        """End what the commands of a connection started; nothing is delivered afterwards."""
        self._operations.stop_watching(context)
        await self._subscriptions.end_all(context)


def _check_state(context: CommandContext, params: protocol.Params) -> None:
    if isinstance(params, protocol.InitializeParams):
        if context.initialized:
            raise NotInitialized("`initialize` was already executed.")
    elif not context.initialized:
        raise NotInitialized("`initialize` must be the first command.")


def _error_object(error: Exception) -> dict[str, Any]:
    error_id = handle_websocket_error(error)
    if isinstance(error, NetraError):
        body = responses.netra_error(error)
        if error_id is not None:
            body["data"]["errorId"] = error_id
        return body
    return responses.unexpected_error(error_id or "")
