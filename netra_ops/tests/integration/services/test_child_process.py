import asyncio
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from netra_ops.services.child_process import ChildProcess
from netra_ops.services.launch import EXIT_CANNOT_EXECUTE
from netra_ops.stack.identity import identify
from netra_ops.tests.waiting import wait_until

pytestmark = pytest.mark.integration

SLEEPER = [sys.executable, "-c", "import signal; signal.pause()"]
UNRESPONSIVE = [
    sys.executable,
    "-c",
    """
import signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("unresponsive", flush=True)
signal.pause()
""",
]
PARENT = """
import sys
from pathlib import Path
from netra_ops.services.child_process import ChildProcess
child = ChildProcess.start([sys.executable, "-c", "import signal; signal.pause()"],
                           name="sleeper", output=sys.stderr.buffer)
print(child.pid, flush=True)
sys.stdin.read()
"""


def start(argv: list[str], log: Path) -> ChildProcess:
    with log.open("ab") as output:
        return ChildProcess.start(argv, name="child", output=output)


async def test_the_pid_is_the_programs_own(tmp_path: Path) -> None:
    log = tmp_path / "log"
    child = start([sys.executable, "-c", "import os; print(os.getpid(), os.getsid(0))"], log)
    assert await child.wait(20) == 0
    assert log.read_text().split() == [str(child.pid)] * 2  # a session of its own as well


async def test_a_signal_is_a_negative_status(tmp_path: Path) -> None:
    child = start(SLEEPER, tmp_path / "log")
    assert await child.stop([(signal.SIGTERM, 20)]) == -signal.SIGTERM


async def test_who_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    log = tmp_path / "log"
    child = start(UNRESPONSIVE, log)
    wait_until(lambda: "unresponsive" in log.read_text())
    assert await child.stop([(signal.SIGTERM, 0.05)]) == -signal.SIGKILL


async def test_waiting_keeps_its_deadline_and_may_be_repeated(tmp_path: Path) -> None:
    child = start(SLEEPER, tmp_path / "log")
    with pytest.raises(TimeoutError):
        await child.wait(0.05)
    child.send(signal.SIGKILL)
    assert await child.wait(20) == -signal.SIGKILL
    assert await child.wait(0) == -signal.SIGKILL


async def test_an_absent_program_is_reported(tmp_path: Path) -> None:
    log = tmp_path / "log"
    assert await start(["/nonexistent/program"], log).wait(20) == EXIT_CANNOT_EXECUTE
    assert "/nonexistent/program" in log.read_text()


def test_started_in_one_loop_and_stopped_in_another(tmp_path: Path) -> None:
    child = asyncio.run(_start_later(tmp_path / "log"))
    assert asyncio.run(child.stop([(signal.SIGTERM, 20)])) == -signal.SIGTERM


async def _start_later(log: Path) -> ChildProcess:
    await asyncio.sleep(0)
    return start(SLEEPER, log)


def test_the_end_of_the_calling_thread_does_not_end_the_child(tmp_path: Path) -> None:
    started: list[ChildProcess] = []
    caller = threading.Thread(target=lambda: started.append(start(SLEEPER, tmp_path / "log")))
    caller.start()
    caller.join()
    with pytest.raises(TimeoutError):  # the kernel's signal would come within a millisecond
        asyncio.run(started[0].wait(0.3))
    asyncio.run(started[0].stop([(signal.SIGTERM, 20)]))


def test_a_killed_parent_takes_its_children_along() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        child = identify(int(parent.stdout.readline()))
        assert child is not None
        os.kill(parent.pid, signal.SIGKILL)
        parent.wait()
        wait_until(lambda: not child.is_alive)
