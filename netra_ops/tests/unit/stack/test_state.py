import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netra_ops.services.supervisor import PartRecord, PartState
from netra_ops.stack.identity import ProcessIdentity, identify
from netra_ops.stack.state import StackState, decode, encode, read, read_running, write

pytestmark = pytest.mark.unit

records = st.builds(
    PartRecord,
    name=st.text(min_size=1, max_size=10),
    state=st.sampled_from(PartState),
    pid=st.integers(0, 2**22),
    port=st.integers(0, 65535),
    restarts=st.integers(0, 1000),
    last_failure=st.text(max_size=30),
)
states = st.builds(
    StackState,
    supervisor=st.builds(ProcessIdentity, pid=st.integers(1, 2**22), started=st.text(max_size=12)),
    url=st.text(max_size=30),
    ready=st.booleans(),
    parts=st.dictionaries(st.text(max_size=8), records, max_size=4),
)


@given(state=states)
def test_what_is_written_is_read(state: StackState) -> None:
    assert decode(encode(state)) == state


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"format": 0}', '{"format": 1}', "7"])
def test_anything_else_is_nothing(text: str) -> None:
    assert decode(text) is None


def test_only_a_living_supervisor_runs(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    assert read_running(path) is None
    me = identify(os.getpid())
    assert me is not None
    write(path, StackState(me, "http://localhost:1"))
    assert read_running(path) is not None
    write(path, StackState(ProcessIdentity(me.pid, "another start"), "http://localhost:1"))
    assert read(path) is not None
    assert read_running(path) is None


def test_writing_leaves_one_file(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    state = StackState(ProcessIdentity(1, "0"), "u")
    write(path, state)
    write(path, state)
    assert [entry.name for entry in tmp_path.iterdir()] == ["state.json"]
    assert stat.S_ISREG(path.stat().st_mode)
