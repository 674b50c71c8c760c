"""Runs between fork and exec of an instance: ties it to the emulator's life.

``python -I -S launch.py PARENT_PID LOCALE -- PROGRAM ARG...`` replaces itself with PROGRAM, so the
pid that the parent knows is the program's. A script instead of ``preexec_fn``, because code
between fork and exec can deadlock and forbids vfork. It costs about 13 ms.

LOCALE is the declared LC_CTYPE, or ``-``: the interpreter of this script adds one (PEP 538), and
the program gets exactly the declared environment.

The kernel sends SIGKILL to this process when the thread that started it ends (prctl(2),
PR_SET_PDEATHSIG). Its own children are covered by `guard.py`, as is macOS.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1  # linux/prctl.h
SIGKILL = 9
SIG_DFL = 0
IGNORED_BY_PYTHON = (13, 25)  # SIGPIPE and SIGXFSZ; an ignored signal stays ignored after exec
EXIT_PARENT_GONE = 125
EXIT_CANNOT_EXECUTE = 127


def main(arguments: list[str]) -> int:
    """Become the program; return an exit status only when that fails."""
    parent_pid, locale, program = int(arguments[0]), arguments[1], arguments[3:]
    if locale == "-":
        os.environ.pop("LC_CTYPE", None)
    libc = ctypes.CDLL(None)
    for number in IGNORED_BY_PYTHON:
        libc.signal(number, ctypes.c_void_p(SIG_DFL))
    if sys.platform == "linux":
        libc.prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0)
        if os.getppid() != parent_pid:  # it died before the line above
            return EXIT_PARENT_GONE
    try:
        os.execvp(program[0], program)  # noqa: S606 -- replacing this process is the purpose
    except OSError as error:
        sys.stderr.write(f"cannot execute {program[0]}: {error.strerror}\n")
        return EXIT_CANNOT_EXECUTE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
