"""``handle_websocket_error`` in every phase of a process.

Each case runs a real interpreter to its end and reads what it wrote: one record for one error,
wherever it came from, and nothing about a failure of the logger itself.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

SECONDS = 100.0
PREAMBLE = """
import asyncio, atexit, gc, os, resource, signal, sys

class Report:
    '''Reports to the test; carries what it needs, like the code under test.'''
    def __init__(self):
        self.descriptor = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT)
        self.write = os.write
    def __call__(self, fact):
        self.write(self.descriptor, (str(fact) + "\\n").encode())

report = Report()
"""
SERVICE = """
from netra_backend.app.websocket_core import error_handlers
from netra_backend.app.websocket_core.error_handlers import handle_websocket_error
from netra_shared.logging import configure_logging
from netra_shared.settings import ServiceSettings, load_settings
from netra_shared.telemetry import configure_telemetry, current_trace_id, span

configure_logging(load_settings(ServiceSettings), service="phase")
configure_telemetry("phase")

def fail(text):
    try:
        raise ValueError(text)
    except ValueError as error:
        return error
"""
ENVIRONMENT = {
    "ENVIRONMENT": "test",
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "JWT_SECRET_KEY": "a shared secret of at least 32 bytes",
    "LOG_FORMAT": "json",
    "K_SERVICE": "phase",
}


@dataclass(frozen=True)
class Ended:
    """What a program left behind."""

    facts: list[str]
    records: list[dict[str, object]]
    stdout: str
    stderr: str
    status: int

    def only_record(self, error_id: str) -> dict[str, object]:
        """Return the one record with ``error_id``, after the manners that all phases share."""
        assert len(error_id) == 32
        assert "Logging error" not in self.stderr
        assert "Exception ignored" not in self.stderr
        (record,) = [record for record in self.records if record.get("error_id") == error_id]
        assert record["message"] == "websocket error"
        assert record["severity"] == "ERROR"
        assert record["logger"] == "netra_backend.app.websocket_core.error_handlers"
        return record


def run(folder: Path, program: str, *, first: str = "", closed_reader: bool = False) -> Ended:
    """Run ``program`` after the preamble; ``first`` runs before anything of ours is imported."""
    facts = folder / "facts"
    command = [sys.executable, "-c", PREAMBLE + first + SERVICE + program, str(facts)]
    environment = {**os.environ, **ENVIRONMENT}
    if closed_reader:
        reader, writer = os.pipe()
        os.close(reader)
        try:
            result = subprocess.run(
                command, stdout=writer, stderr=subprocess.PIPE, text=True, timeout=SECONDS,
                env=environment, check=False,
            )  # fmt: skip
        finally:
            os.close(writer)
    else:
        result = subprocess.run(
            command, capture_output=True, text=True, timeout=SECONDS, env=environment, check=False
        )
    stdout = result.stdout or ""
    lines = [line for line in (stdout + result.stderr).splitlines() if line.startswith("{")]
    return Ended(
        facts.read_text().splitlines(),
        [json.loads(line) for line in lines],
        stdout,
        result.stderr,
        result.returncode,
    )


def test_normally_the_record_has_trace_and_traceback(tmp_path: Path) -> None:
    ended = run(
        tmp_path,
        """
with span("message"):
    report(current_trace_id())
    report(handle_websocket_error(fail("while serving")))
""",
    )
    trace_id, error_id = ended.facts
    record = ended.only_record(error_id)
    assert record["trace_id"] == trace_id
    assert "ValueError: while serving" in str(record["exception"])
    assert error_id in ended.stdout
    assert ended.status == 0


def test_during_the_drain_after_sigterm(tmp_path: Path) -> None:
    ended = run(
        tmp_path,
        """
from netra_shared.runtime.drain_signal import drain_on_sigterm

async def drain():
    with span("drain"):
        report(current_trace_id())
        report(handle_websocket_error(fail("while draining")))

async def main():
    signal.signal(signal.SIGTERM, lambda *_: report("passed on"))
    async with drain_on_sigterm(drain, within_seconds=5):
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.sleep(0.05)

asyncio.run(main())
""",
    )
    trace_id, error_id, last = ended.facts
    assert ended.only_record(error_id)["trace_id"] == trace_id
    assert (last, ended.status) == ("passed on", 0)


def test_in_a_finaliser_while_the_process_lives(tmp_path: Path) -> None:
    ended = run(
        tmp_path,
        """
class Connection:
    def __del__(self):
        report(handle_websocket_error(fail("in a finaliser")))

connection = Connection()
connection.myself = connection
del connection
gc.collect()
""",
    )
    (error_id,) = ended.facts
    assert "in a finaliser" in str(ended.only_record(error_id)["exception"])


@pytest.mark.parametrize("where", ["before logging ended", "after logging ended"])
def test_at_exit(tmp_path: Path, where: str) -> None:
    """``atexit`` runs backwards: what was registered before logging runs after its shutdown."""
    register = 'atexit.register(lambda: report(handle_websocket_error(fail("at exit"))))\n'
    early = where == "after logging ended"
    ended = run(tmp_path, "" if early else register, first=register if early else "")
    (error_id,) = ended.facts
    assert ended.only_record(error_id)["severity"] == "ERROR"
    assert ended.status == 0


@pytest.mark.parametrize("text", ["after teardown", "Bearer abcdefghijklmnop"])
def test_after_the_modules_are_torn_down(tmp_path: Path, text: str) -> None:
    """What the first module keeps dies when no import is possible any more."""
    ended = run(
        tmp_path,
        f"""
class Leaked:
    def __init__(self):
        self.handle = handle_websocket_error
        self.error = fail("{text}")
        self.report = report
        self.sys = sys
    def __del__(self):
        self.report(self.sys.meta_path)
        self.report(self.handle(self.error))

older.leaked = Leaked()
""",
        first='import types\nolder = sys.modules["older"] = types.ModuleType("older")\n',
    )
    finders, error_id = ended.facts
    assert finders == "None"
    record = ended.only_record(error_id)
    assert record["error_type"] == "ValueError"
    assert record["error"] == ("<redacted>" if "Bearer" in text else text)
    assert "abcdefghijklmnop" not in ended.stderr + ended.stdout
    assert " fail" in str(record["exception"])
    assert ended.status == 0


def test_when_every_name_of_its_modules_is_cleared(tmp_path: Path) -> None:
    """At exit the interpreter sets the names of a referenced module to ``None``, one by one."""
    ended = run(
        tmp_path,
        """
import json, logging, structlog, traceback
import netra_shared.logging, netra_shared.redaction, netra_shared.telemetry
import netra_shared.runtime.crash_log

handle, error = handle_websocket_error, fail("names are gone")
for module in (
    error_handlers, netra_shared.runtime.crash_log, netra_shared.logging, netra_shared.redaction,
    netra_shared.telemetry, structlog, structlog.stdlib, json, logging, traceback,
):
    names = vars(module)
    for name in [name for name in names if name != "__builtins__"]:
        names[name] = None
report(handle(error))
""",
    )
    (error_id,) = ended.facts
    record = ended.only_record(error_id)
    assert (record["error_type"], record["error"]) == ("ValueError", "names are gone")


@pytest.mark.parametrize("close", ["sys.stdout.close()", "os.close(1)", "sys.stdout = None"])
def test_with_stdout_closed_the_record_goes_to_stderr(tmp_path: Path, close: str) -> None:
    ended = run(
        tmp_path,
        f"""
{close}
with span("message"):
    report(current_trace_id())
    report(handle_websocket_error(fail("no reader")))
""",
    )
    trace_id, error_id = ended.facts
    record = ended.only_record(error_id)
    assert record["trace_id"] == trace_id
    assert "no reader" in json.dumps(record)


def test_without_a_reader_of_the_pipe(tmp_path: Path) -> None:
    ended = run(
        tmp_path, 'report(handle_websocket_error(fail("broken pipe")))\n', closed_reader=True
    )
    (error_id,) = ended.facts
    (record,) = [record for record in ended.records if record.get("error_id") == error_id]
    assert "broken pipe" in json.dumps(record)


def test_without_memory(tmp_path: Path) -> None:
    """The address space is limited, then filled to the last small object."""
    ended = run(
        tmp_path,
        """
def used():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[0]) * resource.getpagesize()

def exhaust(hoard):
    size = 1 << 20
    while size >= 32:
        try:
            while True:
                hoard.append(bytes(size))
        except MemoryError as error:
            size >>= 1
            last = error
    return last

limit = used() + (48 << 20)
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
hoard = []
error = exhaust(hoard)
error_id = handle_websocket_error(error)
again = handle_websocket_error(fail("short of memory"))
held = len(hoard)
hoard.clear()
report(error_id)
report(again)
report(held)
""",
    )
    first, second, held = ended.facts
    assert int(held) > 48
    record = ended.only_record(first)
    assert "MemoryError" in json.dumps(record)
    assert "short of memory" in json.dumps(ended.only_record(second))
    assert ended.status == 0


def test_in_a_cancelled_task_the_cancellation_continues(tmp_path: Path) -> None:
    ended = run(
        tmp_path,
        """
async def socket():
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError as cancelled:
        report(handle_websocket_error(cancelled))
        with span("cleanup"):
            report(current_trace_id())
            report(handle_websocket_error(fail("cleaning up")))
        raise

async def main():
    task = asyncio.create_task(socket())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    report(task.cancelled())

asyncio.run(main())
""",
    )
    expected, trace_id, error_id, cancelled = ended.facts
    assert (expected, cancelled) == ("None", "True")
    assert ended.only_record(error_id)["trace_id"] == trace_id


def test_the_original_is_not_hidden(tmp_path: Path) -> None:
    ended = run(
        tmp_path,
        """
sys.stdout.close()  # even when the record cannot be written as usual
try:
    raise ValueError("the original")
except ValueError as error:
    report(handle_websocket_error(error))
    report(error.__context__)
    raise
""",
    )
    error_id, context = ended.facts
    assert "the original" in json.dumps(ended.only_record(error_id))
    assert context == "None"
    assert ended.status == 1
    assert ended.stderr.rstrip().endswith("ValueError: the original")


def test_at_the_bottom_of_the_stack(tmp_path: Path) -> None:
    ended = run(
        tmp_path,
        """
def deeper():
    try:
        deeper()
    except RecursionError as error:
        # No frame is left below; the handler must do with what unwinding gives it.
        report(handle_websocket_error(error))
        raise ValueError("enough") from None

try:
    deeper()
except (RecursionError, ValueError):
    report("unwound")
""",
    )
    assert len(ended.facts[0]) == 32  # the first frame from below that had room
    assert ended.facts[-1] == "unwound"
    assert ended.status == 0
