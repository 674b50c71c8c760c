import os
from pathlib import Path

import pytest

from netra_ops.services.postmaster_pid import (
    FILE_NAME,
    PostmasterPid,
    living_postmaster,
    parse,
    read,
    remove_stale,
)

pytestmark = pytest.mark.unit

READY = "4711\n/data/cluster\n1795456000\n5433\n\n127.0.0.1\n  1234  5678\nready   \n"


def test_reads_pid_port_and_readiness() -> None:
    assert parse(READY) == PostmasterPid(4711, 5433, ready=True)


@pytest.mark.parametrize("lines", range(1, 8))
def test_a_half_written_file_is_never_ready(lines: int) -> None:
    text = "".join(line + "\n" for line in READY.splitlines()[:lines])
    parsed = parse(text)
    assert parsed is not None
    assert parsed.pid == 4711
    assert not parsed.ready


@pytest.mark.parametrize("text", ["", "\n", "rubbish\n"])
def test_what_has_no_pid_is_nothing(text: str) -> None:
    assert parse(text) is None


def test_a_living_process_that_is_no_postgres_on_this_cluster_is_stale(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text(READY.replace("4711", str(os.getpid())))
    assert living_postmaster(tmp_path) is None
    remove_stale(tmp_path)
    assert read(tmp_path) is None
