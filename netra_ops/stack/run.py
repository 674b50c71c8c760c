"""The supervisor's life: lock, start, wait for a signal, stop."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable

from netra_ops.errors import NotRunning, OperatorError, ServerStartFailed
from netra_ops.stack import state as state_file
from netra_ops.stack.edge_server import loopback_addresses, require_free_port
from netra_ops.stack.events import Event, Listener, log_listener
from netra_ops.stack.identity import identify
from netra_ops.stack.leftovers import end_leftovers
from netra_ops.stack.local_stack import LocalStack
from netra_ops.stack.lock import exclusive
from netra_ops.stack.rotation import keep_bounded
from netra_ops.stack.stack_options import StackOptions
from netra_ops.stack.state import StackState
from netra_ops.stack.storage import create_with_space, storage_errors

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run_stack(options: StackOptions, listen: Listener, prepare: Callable[[], None]) -> None:
    """Run the stack until it is asked to stop; returns after everything has ended.

    Args:
        options: what to run.
        listen: called with every event, after the log.
        prepare: called once the lock is held and before anything starts.

    Raises:
        DataInUse: a supervisor already runs on this data directory.
        PortTaken, StorageRefused, ServerStartFailed, ...: the start failed; nothing runs.
    """
    paths = options.paths
    with storage_errors(paths):
        create_with_space(paths)
        with exclusive(paths.lock):
            end_leftovers(paths.state)
            prepare()
            asyncio.run(_run(options, _both(log_listener(paths.events), listen)))


async def _run(options: StackOptions, emit: Listener) -> None:
    me = identify(os.getpid())
    if me is None:
        raise NotRunning("this process does not exist")
    state = StackState(me, options.url)
    stack = LocalStack(options, state, emit)
    stop = _stop_requests(stack.kill)
    state_file.write(options.paths.state, state)
    started = asyncio.get_running_loop().time()
    rotation = asyncio.create_task(keep_bounded(options.paths.logs), name="rotation")
    try:
        with storage_errors(options.paths):
            require_free_port(options.port, loopback_addresses())
            await _start_unless_stopped(stack, stop)
        if not stop.is_set():
            state.ready = True
            state_file.write(options.paths.state, state)
            seconds = asyncio.get_running_loop().time() - started
            emit(Event("ready", seconds=seconds, url=options.url, pid=me.pid))
            await stop.wait()
        emit(Event("stopping", pid=me.pid))
    except OperatorError as error:
        log_tail = error.log_tail if isinstance(error, ServerStartFailed) else ""
        emit(
            Event(
                "failed", detail=error.detail, remedy=error.remedy, log_tail=log_tail,
                exit_code=error.exit_code, pid=me.pid,
            )
        )  # fmt: skip
        raise
    except Exception as error:  # a defect: who waits must not take it for a wish to stop
        words = f"{type(error).__name__}: {error}"
        remedy = "read: netra logs supervisor"
        emit(Event("failed", detail=words, remedy=remedy, exit_code=1, pid=me.pid))
        raise
    finally:
        rotation.cancel()
        await asyncio.wait([rotation])
        started = asyncio.get_running_loop().time()
        await stack.stop()
        options.paths.state.unlink(missing_ok=True)
        emit(Event("stopped", seconds=asyncio.get_running_loop().time() - started, pid=me.pid))


async def _start_unless_stopped(stack: LocalStack, stop: asyncio.Event) -> None:
    """Start, but give up immediately when the operator asks to stop meanwhile."""
    starting = asyncio.create_task(stack.start(), name="start")
    stopping = asyncio.create_task(stop.wait(), name="stop-request")
    await asyncio.wait([starting, stopping], return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not starting.done():
        starting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await starting
        return
    starting.result()


def _stop_requests(kill: Callable[[], None]) -> asyncio.Event:
    """Turn the first signal into an event and the second into the immediate end of all parts."""
    stop = asyncio.Event()

    def on_signal() -> None:
        if stop.is_set():
            kill()
        stop.set()

    for number in STOP_SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, on_signal)
    return stop


def _both(first: Listener, second: Listener) -> Listener:
    def listen(event: Event) -> None:
        first(event)
        second(event)

    return listen
