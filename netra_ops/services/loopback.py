"""Loopback ports."""

import socket

LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """Return a port that was free a moment ago, chosen by the kernel, and not given out again soon.

    A connection to the port is made and ended from its own side, which leaves it in TIME_WAIT
    (RFC 9293 section 3.6; 60 s on Linux): the kernel chooses such a port for no one else, and
    still grants it to a server that names it and sets ``SO_REUSEADDR``, as all of ours do.
    Without that, two stacks that start together were now and then given the same port.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((LOOPBACK, 0))
        probe.listen(1)
        address = probe.getsockname()
        with socket.create_connection(address), probe.accept()[0] as ours:
            ours.shutdown(socket.SHUT_RDWR)  # who ends first waits
    port: int = address[1]
    return port


def is_listening(port: int) -> bool:
    """Return whether anything accepts connections on the loopback ``port``."""
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex((LOOPBACK, port)) == 0
