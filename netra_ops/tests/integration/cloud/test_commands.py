"""``netra cloud`` in processes of its own."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from netra_ops.validate.rollback_drill import PROGRAM

DEADLINE = 60.0
NETRA = (sys.executable, "-m", "netra_ops.cli", "cloud")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, Any]]]:
    home = tmp_path_factory.mktemp("cli")
    (home / "source").mkdir()
    (home / "source" / "app.py").write_text(PROGRAM)
    data = home / "data"
    process = subprocess.Popen(
        [
            *NETRA, "up", "--json", "--clock-factor", "20", "--data", str(data),
            "--directory", str(home / "source"), "--service", f"web={sys.executable} app.py",
        ],
        stdout=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        shown = "".join(iter(process.stdout.readline, "}\n")) + "}"
        yield data, json.loads(shown)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(DEADLINE)
        process.stdout.close()
    assert process.returncode == 0


def cloud(data: Path, *arguments: str, status: int = 0) -> str:
    done = subprocess.run(
        [*NETRA, *arguments, "--data", str(data)],
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
    )
    assert done.returncode == status, done.stderr
    return done.stdout if status == 0 else done.stderr


def test_the_commands_show_and_change_a_service(running: tuple[Path, dict[str, Any]]) -> None:
    data, addresses = running
    first = httpx.get(addresses["services"]["web"]).text
    assert first.startswith("web-00001-")
    found = json.loads(cloud(data, "status", "--json"))
    instance = found["instances"][0]["id"]
    assert f"instance {instance[:8]}" in cloud(data, "status")
    second = cloud(data, "scale", "web", "--min", "1", "--max", "2").strip()
    assert cloud(data, "revisions", "web").splitlines()[0].startswith(f"{second}  succeeded")
    assert httpx.get(addresses["services"]["web"]).text == second
    cloud(data, "traffic", "web", f"{first}=100@old")
    assert httpx.get(addresses["services"]["web"]).text == first
    assert "100 %" in cloud(data, "traffic", "web")
    assert "Starting new instance" in cloud(data, "logs", "web")
    assert "KILL sent" in cloud(data, "kill-instance", instance)
    assert "Traffic targets sum to 90" in cloud(data, "traffic", "web", f"{first}=90", status=1)


def test_without_an_emulator_the_remedy_is_named(tmp_path: Path) -> None:
    assert "netra cloud up" in cloud(tmp_path, "status", status=4)
