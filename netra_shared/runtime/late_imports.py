"""Counts every import after start-up.

It uses two observers, because neither sees every import. CPython raises the audit event ``import``
when an import statement or ``__import__`` names a module that is not in ``sys.modules``
(https://docs.python.org/3/library/audit_events.html), also when the import fails and when the
interpreter has removed its finders, but not for ``importlib.import_module``. A finder at the head
of ``sys.meta_path`` is asked for every module, but only while finders exist. An audit hook cannot
be removed, so each process installs one and a ``LateImportWatch`` switches it on and off.
"""

import sys
import threading
from collections import Counter as Tally
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.machinery import ModuleSpec
from types import FrameType, ModuleType
from typing import Final

from prometheus_client import Counter

from netra_shared.logging import get_logger
from netra_shared.runtime.swallow import swallowed

LATE_IMPORTS = Counter(
    "late_imports_total",
    "Imports after start-up was complete, by module and importing module; must stay 0.",
    ["module", "importer"],
)
# An absent series cannot be alerted on, and `increase` does not see a series' first sample. Empty
# labels equal absent ones (https://prometheus.io/docs/concepts/data_model/).
LATE_IMPORTS.labels("", "")
MESSAGE: Final = "late import"
MAX_SERIES: Final = 200  # label pairs; beyond it the pair is counted as "other"
STACK_FRAMES: Final = 20

_log = get_logger(__name__)


@dataclass(slots=True, eq=False)
class LateImportWatch:
    """Switches the two observers of the process and stores their counts.

    Attributes:
        seen: how often each (module, importer) pair was seen since ``arm``.
    """

    seen: Tally[tuple[str, str]] = field(default_factory=Tally)
    _armed: bool = False
    _hooked: bool = False
    _thread: threading.local = field(default_factory=threading.local)

    @property
    def total(self) -> int:
        """The number of late imports."""
        return self.seen.total()

    def add(self, module: str, importer: str, count: int) -> None:
        """Count late imports that another process of this instance has logged."""
        if count > 0:
            self.seen[module, importer] += count
            LATE_IMPORTS.labels(module, importer).inc(count)

    def arm(self) -> None:
        """Start counting."""
        if not self._hooked:
            sys.addaudithook(self._hear)
            self._hooked = True
        if self not in sys.meta_path:
            sys.meta_path.insert(0, self)
        self._armed = True

    def disarm(self) -> None:
        """Stop counting; for tools that import intentionally."""
        self._armed = False
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def find_spec(
        self, name: str, _path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Implement a meta path finder that finds nothing and records the importer.

        ``importlib.util.find_spec`` calls it as well, without importing.
        """
        if self._armed and _is_importing(sys._getframe(1)):  # noqa: SLF001  traceback.walk_stack does it
            if getattr(self._thread, "heard", "") == name:
                self._thread.heard = ""  # the audit event of this import was counted already
            else:
                self._note(name)
        return None

    def _hear(self, event: str, arguments: tuple[object, ...]) -> None:
        if event != "import" or not self._armed:
            return
        name = str(arguments[0])
        self._thread.heard = name
        self._note(name)

    def _note(self, name: str) -> None:
        if getattr(self._thread, "noting", False):
            return  # the logging call may import as well
        self._thread.noting = True
        try:
            # An exception here would abort the import.
            with swallowed(_log, "late_import_report"):
                self._report(name)
        finally:
            self._thread.noting = False

    def _report(self, module: str) -> None:
        stack = _callers(sys._getframe(1))  # noqa: SLF001  as above
        pair = (module, stack[-1][0] if stack else "interpreter")
        if pair not in self.seen and len(self.seen) >= MAX_SERIES:
            pair = ("other", "other")
        self.seen[pair] += 1
        LATE_IMPORTS.labels(*pair).inc()
        _log.error(
            MESSAGE,
            module=module,
            importer=stack[-1][0] if stack else "interpreter",
            import_stack=[place for _, place in stack],
        )


def _is_importing(frame: FrameType | None) -> bool:
    """Return whether the caller is the import system, not a lookup without import."""
    while frame is not None and "importlib" in frame.f_code.co_filename:
        if frame.f_code.co_name == "_find_and_load":
            return True
        frame = frame.f_back
    return False


def _callers(frame: FrameType | None) -> list[tuple[str, str]]:
    """Return (module, place) of the last frames outside this module and importlib."""
    found: list[tuple[str, str]] = []
    while frame is not None and len(found) < STACK_FRAMES:
        code = frame.f_code
        if code.co_filename != __file__ and "importlib" not in code.co_filename:
            module = str(frame.f_globals.get("__name__", "?"))
            found.append((module, f"{code.co_filename}:{frame.f_lineno} {code.co_name}"))
        frame = frame.f_back
    return found[::-1]


late_imports = LateImportWatch()
