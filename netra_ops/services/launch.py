"""Runs as a script between fork and exec of every child: tie it to its parent, drop rights.

``python -I -S launch.py PARENT_PID DEATH_SIGNAL UID GID -- PROGRAM ARG...`` replaces itself with
PROGRAM, so the pid that the parent knows is the program's. A script of its own, and not
``preexec_fn``, because code between fork and exec of a threaded parent can deadlock, and because
without it ``subprocess`` may use vfork. It costs about 13 ms.

UID and GID of -1 keep the caller's. Order matters: the kernel clears the death signal when the
credentials change (prctl(2), PR_SET_PDEATHSIG), so it is set after them.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1  # linux/prctl.h
# The interpreter ignores these, and an ignored signal stays ignored after exec. Numbers, since
# importing the signal module costs a third of this script's time; same on Linux and macOS.
IGNORED_BY_PYTHON = (13, 25)  # SIGPIPE, SIGXFSZ
SIG_DFL = 0
EXIT_PARENT_GONE = 125
EXIT_CANNOT_EXECUTE = 127


def main(arguments: list[str]) -> int:
    """Prepare this process as ``arguments`` say and become the program.

    Returns:
        An exit status, only when the program could not be executed.
    """
    parent_pid, death_signal, uid, gid = (int(argument) for argument in arguments[:4])
    program = arguments[5:]
    if gid >= 0:
        os.setgroups([])
        os.setgid(gid)
    if uid >= 0:
        os.setuid(uid)
    libc = ctypes.CDLL(None)
    for number in IGNORED_BY_PYTHON:
        libc.signal(number, ctypes.c_void_p(SIG_DFL))
    if sys.platform == "linux":
        libc.prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
        if os.getppid() != parent_pid:  # it died before the line above
            return EXIT_PARENT_GONE
    try:
        os.execv(program[0], program)  # noqa: S606  # replacing this process is the purpose
    except OSError as error:
        sys.stderr.write(f"cannot execute {program[0]}: {error.strerror}\n")
        return EXIT_CANNOT_EXECUTE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
