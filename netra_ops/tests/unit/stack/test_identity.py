import os
import signal
import subprocess
import sys

import pytest

from netra_ops.stack.identity import ProcessIdentity, identify
from netra_ops.stack.leftovers import wait_gone

pytestmark = pytest.mark.unit


def test_a_process_is_itself() -> None:
    me = identify(os.getpid())
    assert me is not None
    assert me.is_alive


def test_another_start_is_another_process() -> None:
    me = identify(os.getpid())
    assert me is not None
    stranger = ProcessIdentity(me.pid, f"{me.started}0")
    assert not stranger.is_alive
    assert not stranger.send(signal.SIGKILL)  # else this test would not finish


@pytest.mark.parametrize("pid", [0, -1, 2**30])
def test_an_absent_process_has_no_identity(pid: int) -> None:
    assert identify(pid) is None


def test_a_zombie_is_gone() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        identity = identify(child.pid)
        assert identity is not None
        assert not wait_gone(identity, 0.0)
        assert identity.send(signal.SIGKILL)
        assert wait_gone(identity, 10.0)  # it is not reaped before the end of the block
