"""One PostgreSQL and one Valkey for the length of a block, and nothing left of them after it."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from netra_ops.services.postgres import EmbeddedPostgres
from netra_ops.services.valkey import EmbeddedValkey
from test_framework.blocking import run


@contextmanager
def throwaway_stores() -> Iterator[tuple[EmbeddedPostgres, EmbeddedValkey]]:
    """Start both, yield them, stop both.

    Raises:
        ServerStartFailed: a server did not become ready; the message has its last log lines.
    """
    with tempfile.TemporaryDirectory(prefix="netra-stores-") as folder:
        postgres = EmbeddedPostgres(Path(folder) / "postgres", throwaway=True)
        valkey = EmbeddedValkey(Path(folder) / "valkey")
        run(postgres.start())
        try:
            run(valkey.start())
            try:
                yield postgres, valkey
            finally:
                run(valkey.stop())
        finally:
            run(postgres.stop())
