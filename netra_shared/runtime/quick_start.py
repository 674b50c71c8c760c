"""Shortens the imports at start-up.

A service's ``__main__`` calls ``prepare`` first and ``freeze`` before it listens. Figures:
``docs/performance.md``.
"""

import gc
import sys

# A server does not need them, and the image of one service does not contain them. In a development
# environment other libraries find and load them: httpx its command line, structlog its tracebacks
# for terminals, Mako its highlighting (60 ms together).
UNSERVING = ("IPython", "pygments", "rich")


def prepare(*absent: str) -> None:
    """Prepare the interpreter for the imports; call before anything else is imported.

    The garbage collector is paused: imports create no garbage, and scanning the growing heap takes
    a tenth of the start.

    Args:
        absent: further optional packages that this service does not use.
    """
    gc.disable()
    for name in (*UNSERVING, *absent):
        # What `import` looks up first; None means that there is no such module
        # (https://docs.python.org/3/reference/import.html#the-module-cache).
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]


def freeze() -> None:
    """Resume the garbage collector and exclude the present objects from it.

    Modules, classes and routes live as long as the process, and a full collection without them is
    short. Does nothing without a previous ``prepare``, for example in a test process.
    """
    if gc.isenabled():
        return
    gc.freeze()
    gc.enable()
