import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from netra_ops.errors import PortTaken
from netra_ops.services.loopback import is_listening
from netra_ops.services.supervisor import PartState
from netra_ops.stack.lock import is_held
from netra_ops.tests.integration.stack.running import RunningStack
from netra_ops.tests.waiting import wait_until

pytestmark = pytest.mark.integration

PARTS = {"postgres", "valkey", "auth", "backend", "edge"}


@pytest.fixture
def stack(open_path: Path) -> Iterator[RunningStack]:
    with RunningStack(open_path / "data") as stack:
        stack.wait_for("ready")
        yield stack


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_everything(stack: RunningStack, number: signal.Signals) -> None:
    identities = stack.identities()
    assert set(identities) == PARTS | {"supervisor"}
    ports = [part.port for part in stack.state.parts.values()]
    assert all(is_listening(port) for port in ports)
    assert stack.stop(number) == 0
    assert [name for name, identity in identities.items() if identity.is_alive] == []
    assert [port for port in ports if is_listening(port)] == []
    assert not stack.paths.state.exists()
    assert not is_held(stack.paths.lock)


def test_a_killed_supervisor_leaves_no_orphan_and_the_next_start_works(open_path: Path) -> None:
    with RunningStack(open_path / "data") as stack:
        stack.wait_for("ready")
        identities = stack.identities()
        stack.process.kill()
        stack.process.wait()
        wait_until(lambda: not any(identity.is_alive for identity in identities.values()))
        assert stack.paths.state.exists()  # no process was left to delete it
    with RunningStack(open_path / "data", port=stack.port) as again:
        again.wait_for("ready")
        migrations = [event for event in again.events if event.get("part") == "migrations"]
        assert [event["state"] for event in migrations] == ["skipped"]
        assert again.stop() == 0


@pytest.mark.parametrize("name", sorted(PARTS))
def test_a_killed_part_comes_back_on_its_port(stack: RunningStack, name: str) -> None:
    before = stack.state.parts[name]
    os.kill(before.pid, signal.SIGKILL)

    def is_back() -> bool:
        part = stack.state.parts[name]
        return part.state is PartState.READY and part.pid != before.pid

    wait_until(is_back)
    part = stack.state.parts[name]
    assert (part.port, part.restarts) == (before.port, 1)
    assert "SIGKILL" in part.last_failure
    wait_until(lambda: stack.get("/api/anything").status_code == 200)


def test_a_second_supervisor_is_refused_and_harms_nothing(stack: RunningStack) -> None:
    with RunningStack(stack.paths.data_dir) as second:
        assert second.process.wait(60) == 1
    assert stack.get("/api/anything").status_code == 200


def test_a_taken_port_is_one_event_and_its_own_status(stack: RunningStack, open_path: Path) -> None:
    with RunningStack(open_path / "other", port=stack.port) as other:
        failure = other.wait_for("failed")
        assert other.process.wait(60) == PortTaken.exit_code == 5
    wanted = f"port {stack.port} is taken by another netra up (pid {stack.process.pid})"
    assert failure["detail"] == wanted
    assert "--port" in failure["remedy"]


def test_a_part_that_dies_at_start_shows_the_end_of_its_log(open_path: Path) -> None:
    with RunningStack(open_path / "data", "broken_service") as stack:
        failure = stack.wait_for("failed")
        stopped = stack.wait_for("stopped")
        assert stack.process.wait(60) == 1
    assert failure["detail"] == "auth ended with status 1"
    assert "flux capacitor" in failure["log_tail"]
    assert stopped["pid"] == failure["pid"]
    assert not stack.paths.state.exists()


def test_secrets_are_private_and_nowhere_else(stack: RunningStack) -> None:
    data = stack.paths.data_dir
    key = stack.paths.encryption_key
    secrets = [
        key,
        Path(stack.state.database_password_file),
        Path(stack.state.valkey_password_file),
    ]
    for path in secrets:
        assert path.stat().st_mode & 0o077 == 0
    values = [path.read_bytes().strip() for path in secrets]
    for identity in stack.identities().values():
        command = Path(f"/proc/{identity.pid}/cmdline").read_bytes()
        assert not any(value in command for value in values)
    stack.get("/api/anything")
    assert stack.stop() == 0
    others = [path for path in data.rglob("*") if path.is_file() and path not in secrets]
    leaking = [
        path.name
        for path in others
        if "cluster" not in path.parts and any(value in path.read_bytes() for value in values)
    ]
    assert leaking == []


def test_a_stop_during_the_start_leaves_nothing(open_path: Path) -> None:
    with RunningStack(open_path / "data") as stack:
        stack.wait_for("part")
        assert stack.stop() == 0
        assert not stack.paths.state.exists()
        assert not is_held(stack.paths.lock)
    assert not is_listening(stack.port)
