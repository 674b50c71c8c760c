from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netra_ops.services.log_file import TAIL_BYTES, tail


def log_of(folder: Path, lines: list[str]) -> Path:
    path = folder / "part.log"
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


def test_long_lines_are_whole_and_as_many_as_asked(tmp_path: Path) -> None:
    lines = [f"{number} {'x' * 500}" for number in range(200)]
    path = log_of(tmp_path, lines)
    assert path.stat().st_size > 5 * TAIL_BYTES
    assert tail(path, 100).split("\n") == lines[-100:]


@given(
    lines=st.lists(st.sampled_from(["", "a", "b" * TAIL_BYTES]), max_size=6),
    count=st.integers(0, 8),
)
def test_a_tail_is_what_is_left_of_the_whole(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], count: int
) -> None:
    path = log_of(tmp_path_factory.mktemp("log"), lines)
    assert tail(path, count) == "\n".join(lines[max(0, len(lines) - count) :])


def test_without_a_file_there_is_nothing(tmp_path: Path) -> None:
    assert tail(tmp_path / "absent.log", 10) == ""
