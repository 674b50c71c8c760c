"""Entries on disk: one file of JSON lines for each revision."""

import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any, TextIO

from netra_cloud.run.clock import Clock

Json = dict[str, Any]

_MAX_BYTES = 16 * 1024 * 1024  # of one revision; the older half goes then


class LogFiles:
    """Appends and reads entries."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        directory.mkdir(parents=True, exist_ok=True)
        self._streams: dict[str, TextIO] = {}
        self._numbers = count()

    def append(self, revision: str, log_name: str, labels: Json, entry: Json) -> None:
        """Write an entry of a revision.

        Args:
            revision: short name; the file.
            log_name: full name of the log.
            labels: resource labels.
            entry: payload and severity.
        """
        now = Clock.now()
        full = {
            "logName": log_name,
            "resource": {"type": "cloud_run_revision", "labels": labels},
            "timestamp": now,
            "receiveTimestamp": now,
            "insertId": f"{now[17:26].replace('.', '')}{next(self._numbers):08d}",
            **entry,
        }
        stream = self._streams.get(revision)
        if stream is None:
            stream = self._streams[revision] = self._path(revision).open(
                "a", encoding="utf-8", buffering=1
            )
        stream.write(json.dumps(full) + "\n")
        if stream.tell() > _MAX_BYTES:
            self._shorten(revision)

    def entries(self, revision: str = "") -> Iterator[Json]:
        """Yield the entries of a revision, or of all, each file in the order of writing."""
        paths = [self._path(revision)] if revision else sorted(self._directory.glob("*.jsonl"))
        for path in paths:
            if path.exists():
                with path.open(encoding="utf-8") as stream:
                    yield from (json.loads(line) for line in stream if line.endswith("\n"))

    def close(self) -> None:
        """Close the files."""
        for stream in self._streams.values():
            stream.close()
        self._streams.clear()

    def _path(self, revision: str) -> Path:
        return self._directory / f"{revision}.jsonl"

    def _shorten(self, revision: str) -> None:
        self._streams.pop(revision).close()
        path = self._path(revision)
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        partial = path.with_suffix(".partial")
        partial.write_text("".join(lines[len(lines) // 2 :]), encoding="utf-8")
        partial.replace(path)
