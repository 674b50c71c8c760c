"""The durable state: one SQLite database, one transaction for each change.

SQLite's write-ahead log with ``synchronous=NORMAL`` keeps every committed transaction when the
process is killed (https://www.sqlite.org/pragma.html#pragma_synchronous); only a power failure may
lose the last ones.
"""

import sqlite3
from pathlib import Path
from typing import Self

import msgspec

from netra_cloud.run.core.records import (
    Change,
    OperationRecord,
    Record,
    RevisionRecord,
    ServiceRecord,
    State,
)

_DECODER = msgspec.json.Decoder(ServiceRecord | RevisionRecord | OperationRecord)
_TABLES = """
CREATE TABLE IF NOT EXISTS records (name TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS facts (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""


class Store:
    """Records and small facts (ports, secrets) on disk."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Several threads never use it at the same time: the controller has one event loop.
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=NORMAL")
        self._database.executescript(_TABLES)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def load(self) -> State:
        """Return the state as the last committed change left it."""
        rows = self._database.execute("SELECT body FROM records").fetchall()
        records: list[Record] = [_DECODER.decode(body) for (body,) in rows]
        return State({record.name: record for record in records})

    def commit(self, change: Change) -> None:
        """Write a change as one transaction."""
        puts = {record.name: record for record in change.puts}
        for name in change.drops:
            puts.pop(name, None)
        self._database.execute("BEGIN IMMEDIATE")
        try:
            self._database.executemany(
                "INSERT OR REPLACE INTO records VALUES (?, ?)",
                [(name, msgspec.json.encode(record)) for name, record in puts.items()],
            )
            self._database.executemany(
                "DELETE FROM records WHERE name = ?", [(name,) for name in change.drops]
            )
            self._database.execute("COMMIT")
        except BaseException:
            self._database.execute("ROLLBACK")
            raise

    def fact(self, key: str) -> str | None:
        """Return a fact, or None."""
        row = self._database.execute("SELECT value FROM facts WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def facts(self, prefix: str) -> dict[str, str]:
        """Return the facts whose key starts with ``prefix``."""
        rows = self._database.execute(
            "SELECT key, value FROM facts WHERE substr(key, 1, ?) = ?", (len(prefix), prefix)
        )
        return {str(key): str(value) for key, value in rows}

    def put_fact(self, key: str, value: str) -> None:
        """Write a fact."""
        self._database.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (key, value))

    def drop_fact(self, key: str) -> None:
        """Remove a fact."""
        self._database.execute("DELETE FROM facts WHERE key = ?", (key,))
