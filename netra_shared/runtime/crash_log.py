"""Writes one log line when the logging library cannot.

A structured logger fails while the interpreter exits, with stdout closed, or without memory: its
stream raises, its formatter cannot allocate, globals of its modules are ``None``. An instance of
``CrashLog`` therefore holds everything that it calls, never looks up a global, and needs one file
descriptor and one system call.
"""

import mmap
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from json.encoder import encode_basestring_ascii
from types import TracebackType

from netra_shared.redaction import CREDENTIAL_FIELDS, PATTERNS, REDACTED, redact

STDERR = 2
MAX_TEXT = 4_000  # characters of one field; a pipe takes 64 KiB without blocking
MAX_FRAMES = 20
# Address space that is released when memory is exhausted: a line with its stack takes 0.1 MiB, and
# the interpreter allocates 1 MiB at a time. It is never written, so it costs no resident memory.
RESERVE_BYTES = 4 * 1024 * 1024

Scalar = str | int | float | bool | None


def _own_stderr() -> int:
    """Return a duplicate of stderr: if descriptor 2 is closed, the next socket gets its number."""
    with suppress(OSError):
        return os.dup(STDERR)
    return -1


class CrashLog:
    """Writes one JSON line to stderr with nothing but system calls.

    The fields are those of the structured log (``netra_shared.logging``), credentials removed;
    ``logger`` names the caller.
    """

    def __init__(self) -> None:
        self._descriptor = _own_stderr()
        self._map = mmap.mmap
        self._reserve_bytes = RESERVE_BYTES
        self._reserve: mmap.mmap | None = None
        self.keep_memory()
        self._write = os.write
        self._quote: Callable[[str], str] = encode_basestring_ascii
        self._redact: Callable[..., object] = redact
        self._patterns = tuple(pattern for pattern, _ in PATTERNS)
        self._credential_fields = CREDENTIAL_FIELDS
        self._redacted = REDACTED
        self._now = datetime.now
        self._utc = UTC
        self._max_text = MAX_TEXT

    def free_memory(self) -> None:
        """Release the reserve, for the work after a ``MemoryError``."""
        reserve, self._reserve = self._reserve, None
        if reserve is not None:
            reserve.close()

    def keep_memory(self) -> None:
        """Allocate a new reserve if it was released and memory is available."""
        if self._reserve is not None:
            return
        try:
            self._reserve = self._map(-1, self._reserve_bytes)
        except Exception:  # noqa: BLE001  the next one does without
            return

    def write(self, logger: str, message: str, fields: Mapping[str, object]) -> bool:
        """Write the line; never raises.

        Args:
            logger: name of the caller.
            message: the event.
            fields: further facts; values that are not scalars are omitted.

        Returns:
            Whether the kernel accepted it.
        """
        self.free_memory()
        try:
            line = self._line(logger, message, fields)
            return self._write(self._descriptor, line) == len(line)
        except Exception:  # noqa: BLE001  nothing and nobody is left to tell
            return False
        finally:
            self.keep_memory()

    def _line(self, logger: str, message: str, fields: Mapping[str, object]) -> bytes:
        known: dict[str, object] = {
            "severity": "ERROR",
            "message": message,
            "logger": logger,
            "time": self._time(),
        }
        parts = [
            f"{self._quote(name)}: {self._value(name, value)}"
            for name, value in {**known, **fields}.items()
            if value is None or isinstance(value, (str, int, float))
        ]
        return ("{" + ", ".join(parts) + "}\n").encode("ascii")

    def _time(self) -> str | None:
        try:
            return self._now(self._utc).isoformat()
        except Exception:  # noqa: BLE001  a line without its time is still a line
            return None

    def _value(self, name: str, value: object) -> str:
        if value is None:
            return "null"
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, (int, float)):
            return repr(value) if -1e308 < value < 1e308 else "null"  # noqa: PLR2004  no JSON beyond
        # A credential that is truncated here is useless.
        cut = str(value)[: self._max_text]
        try:
            text = str(self._redact(cut, field=name))
        except Exception:  # noqa: BLE001  its module is gone, or its memory
            text = self._withheld(name, cut)
        return self._quote(text)

    def _withheld(self, name: str, text: str) -> str:
        """Return ``text``, or a placeholder when it contains a credential."""
        # `search` is implemented in C; `sub` would import a part of `re` for its template.
        if name in self._credential_fields or any(
            pattern.search(text) for pattern in self._patterns
        ):
            return self._redacted
        return text


def frames_of(traceback: TracebackType | None, *, limit: int = MAX_FRAMES) -> str:
    """Return the last ``limit`` frames, one ``file:line name`` a line; reads no source file."""
    lines = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        lines.append(f"{code.co_filename}:{traceback.tb_lineno} {code.co_name}")
        traceback = traceback.tb_next
    return "\n".join(lines[-limit:])


crash_log = CrashLog()
