"""Ends the agent process together with its gateway."""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # prctl(2)
GATEWAY_GONE = 75  # EX_TEMPFAIL of sysexits.h


def exit_with_parent(parent: int) -> None:
    """Let the kernel kill this process when ``parent`` ends; exit if it has ended already.

    Linux only. On every system, the process also exits when the channel closes.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))
    if os.getppid() != parent:
        sys.exit(GATEWAY_GONE)
