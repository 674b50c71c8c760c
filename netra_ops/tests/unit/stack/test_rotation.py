import stat
from pathlib import Path

import pytest

from netra_ops.services.log_file import open_for_append, tail, text_from
from netra_ops.stack.rotation import rotate, rotate_all

pytestmark = pytest.mark.unit


def test_a_writer_continues_in_the_emptied_file(tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    with open_for_append(path) as writer:
        writer.write(b"old\n" * 10)
        writer.flush()
        assert rotate(path, max_bytes=10)
        writer.write(b"new\n")
    assert path.read_bytes() == b"new\n"
    assert (tmp_path / "x.log.1").read_bytes() == b"old\n" * 10
    assert stat.S_IMODE((tmp_path / "x.log.1").stat().st_mode) == 0o600


def test_a_small_log_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    path.write_bytes(b"1234567890")
    assert not rotate(path, max_bytes=10)
    assert not rotate(tmp_path / "absent.log", max_bytes=10)
    rotate_all(tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.log"]


def test_a_tail_reads_only_the_end(tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    path.write_text("".join(f"line {number}\n" for number in range(100_000)))
    assert tail(path, 2) == "line 99998\nline 99999"
    assert text_from(path, path.stat().st_size) == ""
    assert tail(tmp_path / "absent", 5) == ""
