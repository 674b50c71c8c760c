"""A start is one burst of imports: what makes it shorter without changing what is served.

``begin`` is the first thing that a service's ``__main__`` does, ``settle`` the last thing before
it listens. Figures: ``docs/performance.md``.
"""

import gc
import sys

# A server has no use for them, and an image that holds one service does not have them. Where one
# environment serves every purpose, other libraries find and load them: httpx its command line,
# structlog its tracebacks for terminals, Mako its highlighting (60 ms together).
UNSERVING = ("IPython", "pygments", "rich")


def begin(*absent: str) -> None:
    """Prepare the interpreter for the burst. Call before anything else is imported.

    The garbage collector pauses: nothing that is imported is garbage, and looking through a
    growing heap again and again is a tenth of the start.

    Args:
        absent: further optional packages that this service does without.
    """
    gc.disable()
    for name in (*UNSERVING, *absent):
        # What `import` looks up first; None means that there is no such module
        # (https://docs.python.org/3/reference/import.html#the-module-cache).
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]


def settle() -> None:
    """End the burst: the collector works again and skips for ever what is there now.

    Modules, classes and routes live as long as the process; a full collection that need not visit
    them is short. Does nothing where ``begin`` was not called: a test process has its own garbage.
    """
    if gc.isenabled():
        return
    gc.freeze()
    gc.enable()
