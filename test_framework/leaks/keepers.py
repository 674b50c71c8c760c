"""What outlives a test on purpose."""

from collections.abc import Iterator
from contextlib import contextmanager

# Threads whose name starts so: the plugin's own, and what libraries keep for the whole process.
THREAD = "netra-keeper"
THREADS = (
    THREAD,
    "child-starter",  # netra_ops: the parent of every child, see child_process.py
    "grpc",  # the poller of grpc.aio, one for each process
)

_socket_numbers: set[str] = set()


@contextmanager
def keeping(socket_number: str) -> Iterator[None]:
    """Declare a socket (its inode) as kept during the block."""
    _socket_numbers.add(socket_number)
    try:
        yield
    finally:
        _socket_numbers.discard(socket_number)


def kept_sockets() -> frozenset[str]:
    """Return the inodes of all sockets that are kept."""
    return frozenset(_socket_numbers)
