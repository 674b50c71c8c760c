"""Ends every instance's process group when the emulator is gone, however it ended.

A process of its own that reads ``+PGID`` and ``-PGID`` lines from a pipe. End of file means that
the emulator is gone: the groups still on the list get SIGKILL. It covers what the kernel's
parent-death signal does not: children of instances, and systems without that signal.
"""

import os
import signal
import sys


def main() -> None:
    """Follow standard input to its end, then kill what is left."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin.buffer:
        group = int(line[1:])
        if line.startswith(b"+"):
            groups.add(group)
        else:
            groups.discard(group)
    for group in groups:
        try:
            os.killpg(group, signal.SIGKILL)
        except ProcessLookupError:
            continue


if __name__ == "__main__":
    main()
