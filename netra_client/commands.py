"""Commands that survive the connection they were sent on.

Every command that changes something carries an id made by the client, and the server executes
one id once: sending again after a lost answer is therefore safe, and is what happens here.
"""

import asyncio
import random
from typing import TypeVar

from netra_client.codes import RetryClass
from netra_client.errors import CommandRejected, DeadlinePassed, NetraClientError, SocketClosed
from netra_client.keeper import Keeper
from netra_client.options import ClientOptions
from netra_client.retry import backoff_delay
from netra_client.timeouts import deadline
from netra_client.wire import JsonObject, decode_as

ResultType = TypeVar("ResultType")

# A rejection that may pass is tried this often in all, each time later. A busy thread is not
# among them: how to treat it is the caller's choice (``on_busy``).
ATTEMPTS_WHEN_REJECTED = 4
INVALID_REQUEST = -32600  # JSON-RPC 2.0 section 5.1
_CALLERS_CHOICE = frozenset({"run_busy"})


async def execute(
    keeper: Keeper,
    options: ClientOptions,
    method: str,
    params: JsonObject,
    shape: type[ResultType],
) -> ResultType:
    """Send a command until it is answered, across reconnects.

    A command that was in flight when the server closed because of a frame is repeated alone, so
    that the next such close identifies it. It is then set aside, and other commands continue.

    Raises:
        CommandRejected: the answer is an error that will not pass, or did not; or two connections
            closed because of the command's frame (``code`` is the close code's name).
        DeadlinePassed: ``command``; whether it was executed is unknown, and sending it again
            with the same ids remains safe.
        NetraClientError: the client gave up the connection.
    """
    rejections = 0
    blamed: SocketClosed | None = None
    async with deadline("command", options.timeouts.command):
        while True:
            async with keeper.turn(alone=blamed is not None):
                connection = await keeper.ready()
                try:
                    return decode_as(await connection.call(method, params), shape)
                except CommandRejected as error:
                    rejections += 1
                    if not _may_pass(error) or rejections >= ATTEMPTS_WHEN_REJECTED:
                        raise
                    await asyncio.sleep((error.retry_after or 0.0) + _pause(rejections, options))
                except DeadlinePassed:
                    continue  # the heartbeat judges the connection; the same command may go again
                except SocketClosed as error:
                    keeper.lost(connection)
                    if error.blames_a_frame and blamed is not None:
                        raise _set_aside(method, error) from None
                    blamed = error if error.blames_a_frame else blamed
                except NetraClientError as error:
                    if error.code == "invalid_use":
                        raise
                    keeper.lost(connection)


def _set_aside(method: str, error: SocketClosed) -> CommandRejected:
    return CommandRejected(
        INVALID_REQUEST,
        f"The server closes the connection when it gets this {method} ({error.message})",
        code=error.code,
        retry=RetryClass.NEVER,
    )


def _may_pass(error: CommandRejected) -> bool:
    transient = error.retry in {RetryClass.NOW, RetryClass.BACKOFF}
    return transient and error.code not in _CALLERS_CHOICE


def _pause(rejections: int, options: ClientOptions) -> float:
    policy = options.reconnect
    jitter = random.random()  # noqa: S311  spreads load, guards nothing
    return backoff_delay(rejections, jitter, first=policy.first, cap=policy.cap)
