"""The start time of this process, for start-up reports that include the interpreter."""

import os
import time
from pathlib import Path

import psutil

_START_TIME_FIELD = 22 - 3  # field of /proc/self/stat (proc(5)), counted from the third


def process_start() -> float:
    """Return the start of this process on the clock of ``time.monotonic``, in seconds.

    Precise to a clock tick (10 ms) on Linux, where the kernel counts from boot; elsewhere as
    precise as psutil's creation time.
    """
    return time.monotonic() - _age()


def _age() -> float:
    if not hasattr(time, "CLOCK_BOOTTIME"):
        return max(0.0, time.time() - psutil.Process().create_time())
    # The second field is the name in parentheses and may contain spaces and parentheses.
    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    ticks = int(fields[_START_TIME_FIELD])
    return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
