"""Counts every import that happens after start-up was declared complete.

CPython raises the audit event ``import`` whenever a module that is not in ``sys.modules`` is
about to be looked for (https://docs.python.org/3/library/audit_events.html), also when the
import then fails. An audit hook cannot be removed, so one hook is installed per process and a
``LateImportWatch`` switches it.
"""

import sys
import threading
import traceback
from collections import Counter as Tally
from dataclasses import dataclass, field

from prometheus_client import Counter

from netra_shared.logging import get_logger
from netra_shared.swallow import swallowed

LATE_IMPORTS = Counter(
    "late_imports_total",
    "Imports after start-up was complete, by module and importing module; must stay 0.",
    ["module", "importer"],
)
MAX_SERIES = 200  # label pairs; beyond it the pair is counted as "other", metrics stay bounded
STACK_FRAMES = 12

_log = get_logger(__name__)


@dataclass(slots=True)
class LateImportWatch:
    """Switch and memory of the process's audit hook.

    Attributes:
        seen: how often each (module, importer) pair was seen since ``arm``.
    """

    seen: Tally[tuple[str, str]] = field(default_factory=Tally)
    _armed: bool = False
    _installed: bool = False
    _reporting: threading.local = field(default_factory=threading.local)

    @property
    def total(self) -> int:
        """How many imports came too late."""
        return self.seen.total()

    def arm(self) -> None:
        """Count from now on."""
        if not self._installed:
            sys.addaudithook(self._hook)
            self._installed = True
        self._armed = True

    def disarm(self) -> None:
        """Stop counting; for tools that import on purpose."""
        self._armed = False

    def _hook(self, event: str, arguments: tuple[object, ...]) -> None:
        if event != "import" or not self._armed or getattr(self._reporting, "active", False):
            return
        self._reporting.active = True  # logging below may itself import
        try:
            # An exception here would abort an import that is merely late.
            with swallowed(_log, "late_import_report"):
                self._report(str(arguments[0]))
        finally:
            self._reporting.active = False

    def _report(self, module: str) -> None:
        stack = [
            frame
            for frame in traceback.extract_stack(limit=STACK_FRAMES + 8)[:-2]
            if "importlib" not in frame.filename
        ]
        importer = stack[-1].filename if stack else "interpreter"
        pair = (module, _module_of(importer))
        if pair not in self.seen and len(self.seen) >= MAX_SERIES:
            pair = ("other", "other")
        self.seen[pair] += 1
        LATE_IMPORTS.labels(*pair).inc()
        _log.error(
            "late import",
            module=module,
            importer=pair[1],
            import_stack=[f"{frame.filename}:{frame.lineno} {frame.name}" for frame in stack],
        )


def _module_of(filename: str) -> str:
    """Return the part of a path that names a module, without machine-specific folders."""
    for marker in ("site-packages/", "lib/python3"):
        if marker in filename:
            return filename.rpartition(marker)[2]
    return "/".join(filename.split("/")[-3:])


late_imports = LateImportWatch()
