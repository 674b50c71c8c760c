"""``operations.subscribe`` and ``operations.unsubscribe``."""

from netra_backend.app.websocket_core.commands.context import CommandContext, Outcome
from netra_backend.app.websocket_core.ports import OperationsFeed
from netra_backend.app.websocket_core.protocol import (
    OperationsSubscribeParams,
    OperationsUnsubscribeParams,
)
from netra_shared.errors import Forbidden


class OperationsCommands:
    """Commands of the operations view.

    Args:
        operations: the operators' view of all instances.
    """

    def __init__(self, operations: OperationsFeed) -> None:
        self._operations = operations

    async def subscribe(
        self, context: CommandContext, _params: OperationsSubscribeParams
    ) -> Outcome:
        """Execute ``operations.subscribe``."""
        if not context.claims.is_operator:
            raise Forbidden("The operations view requires the role `operator`.")
        fleet = await self._operations.watch(context.show_operations)
        if context.ending is not None:  # it ended during the look-up
            self.stop_watching(context)
        return fleet, ()

    async def unsubscribe(
        self, context: CommandContext, _params: OperationsUnsubscribeParams
    ) -> Outcome:
        """Execute ``operations.unsubscribe``."""
        self.stop_watching(context)
        return {}, ()

    def stop_watching(self, context: CommandContext) -> None:
        """End the watch of a connection, if it has one."""
        self._operations.unwatch(context.show_operations)
