"""Every kind of leak, in sessions of their own: the run fails and names the test."""

import os
import signal
from collections.abc import Iterator

import pytest

SESSION_SECONDS = 240  # 6 s on a quiet machine; 25 s at a load of 8
pytestmark = pytest.mark.timeout(SESSION_SECONDS + 60)

KINDS = """
import asyncio, socket, subprocess, threading

release = threading.Event()
kept = []

def test_process():
    kept.append(subprocess.Popen(["sleep", "600"]))

def test_after_process():
    kept[0].kill()
    kept[0].wait()

def test_thread():
    kept.append(threading.Thread(target=release.wait, name="forgotten"))
    kept[-1].start()

def test_after_thread():
    release.set()
    kept[-1].join()

def test_socket():
    kept.append(socket.create_server(("127.0.0.1", 0)))

def test_after_socket():
    kept[-1].close()

async def endless():
    await asyncio.Event().wait()

async def test_task():
    kept.append(asyncio.create_task(endless(), name="forgotten"))

async def test_callback_error():
    asyncio.get_running_loop().call_soon(lambda: 1 / 0)
    await asyncio.sleep(0)

async def broken():
    raise OSError("no one looks")

async def test_task_error():
    task = asyncio.create_task(broken())
    while not task.done():
        await asyncio.sleep(0)

async def test_nothing():
    with socket.create_server(("127.0.0.1", 0)):
        await asyncio.create_task(asyncio.sleep(0))
    subprocess.run(["true"], check=True)

def test_failed_already():
    forgotten = socket.create_server(("127.0.0.1", 0))
    assert forgotten is None
"""
SAID = {
    "test_process": "process *: sleep 600",
    "test_thread": "thread 'forgotten'",
    "test_socket": "socket *127.0.0.1*LISTEN",
    "test_task": "task 'forgotten' of endless still runs",
    "test_callback_error": "event loop: Exception in callback *",
    "test_task_error": "event loop: Task exception was never retrieved*",
}
WIDER_SCOPE = """
import socket, subprocess
import pytest

@pytest.fixture(scope="session")
def server():
    process = subprocess.Popen(["sleep", "600"])
    with socket.create_server(("127.0.0.1", 0)):
        yield process
    process.kill()
    process.wait()

def test_uses_it(server):
    assert server.poll() is None
"""
FORGETFUL_SESSION = """
import subprocess
import pytest

kept = []

@pytest.fixture(scope="session")
def server():
    kept.append(subprocess.Popen(["sleep", "600"]))
    return kept[0]

def test_uses_it(server):
    assert server.poll() is None

def test_detaches():
    subprocess.run(["sh", "-c", "sleep 601 >/dev/null 2>&1 &"], check=True)
"""


@pytest.fixture
def inner(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makeini(
        "[pytest]\nasyncio_mode = auto\nmarkers = unit: one module\n"
        "netra_leak_settle_seconds = 1"  # it is waited for in vain by each leak
    )
    pytester.makeconftest('pytest_plugins = ["test_framework.plugin"]')
    (pytester.mkpydir("tests") / "unit").mkdir()
    return pytester


def run(inner: pytest.Pytester, code: str, *arguments: str) -> pytest.RunResult:
    (inner.path / "tests" / "unit" / "test_inner.py").write_text(code)
    # Unclosed things make warnings of their own; this is about what does not warn.
    return inner.runpytest_subprocess(
        "-q",
        "-p",
        "no:unraisableexception",
        "-p",
        "no:hypothesispytest",
        *arguments,
        timeout=SESSION_SECONDS,
    )


def sleepers(result: pytest.RunResult) -> Iterator[tuple[int, str]]:
    for line in result.outlines:
        if line.startswith("process ") and ": sleep 60" in line:
            yield int(line.split()[1].rstrip(":,")), line


def test_each_leak_fails_its_own_test_and_no_other(inner: pytest.Pytester) -> None:
    result = run(inner, KINDS)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.assert_outcomes(passed=10, failed=1, errors=len(SAID))
    # Where CI is set pytest does not cut its summary, which then says the same once more.
    said_first = [line for line in result.outlines if not line.startswith("ERROR ")]
    named = [line for line in said_first if line.endswith("leaves behind:")]
    assert named == [f"tests/unit/test_inner.py::{test} leaves behind:" for test in SAID]
    for test, said in SAID.items():
        result.stdout.fnmatch_lines([f"*::{test} leaves behind:", said], consecutive=True)


def test_what_a_fixture_of_the_session_keeps_is_not_the_tests(inner: pytest.Pytester) -> None:
    run(inner, WIDER_SCOPE).assert_outcomes(passed=1)


def test_what_the_session_forgets_fails_the_run_also_under_xdist(inner: pytest.Pytester) -> None:
    result = run(inner, FORGETFUL_SESSION, "-n", "1")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["*left behind by the session*"])
    found = dict(sleepers(result))
    for pid in found:
        os.kill(pid, signal.SIGKILL)
    forgotten, detached = sorted(found.values(), key=lambda line: line[-1])
    assert forgotten.endswith(": sleep 600")
    assert detached.endswith("started by tests/unit/test_inner.py::test_detaches: sleep 601")
