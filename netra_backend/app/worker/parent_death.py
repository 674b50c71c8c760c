"""Ending with the gateway, however that ends."""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # prctl(2)
GATEWAY_GONE = 75  # EX_TEMPFAIL of sysexits.h


def end_with(parent: int) -> None:
    """Let the kernel end this process with ``parent``; exit at once when that is gone already.

    Only Linux can. Elsewhere, and everywhere as well, the end of the channel says the same.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))
    if os.getppid() != parent:
        sys.exit(GATEWAY_GONE)
