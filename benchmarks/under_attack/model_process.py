"""A model server in a process of its own, so that its work is not the bystander's."""

import multiprocessing
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

from test_framework.platform.model_server import model_server


@contextmanager
def model_process() -> Iterator[str]:
    """Serve until the block ends; yields the base URL.

    Raises:
        EOFError: the process ended before it served.
    """
    receiver, sender = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(sender,))
    process.start()
    sender.close()
    try:
        yield receiver.recv()
    finally:
        process.terminate()
        process.join()


def serve(sender: Connection) -> None:
    """Serve until terminated; sends the base URL."""
    with model_server() as url:
        sender.send(url)
        signal.pause()
