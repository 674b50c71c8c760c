"""How a child that never serves is reported: its own words, and whose fault it was."""

import sys
from pathlib import Path

import pytest

from netra_ops.errors import ConfigurationRefused, ServerStartFailed
from netra_ops.services.http_server import HttpServer
from netra_ops.services.loopback import free_port

pytestmark = pytest.mark.integration

SAYS_ITS_PROBLEMS = """
import sys
print("a line of an orderly start")
print("2 problem(s) in the configuration:\\n  - PORT: not a number\\n  - NETRA_MODEL: unknown")
sys.exit(78)
"""


def server(directory: Path, program: str, start_seconds: float = 30.0) -> HttpServer:
    return HttpServer(
        "backend",
        [sys.executable, "-c", program],
        port=free_port(),
        ready_path="/health/ready",
        log_path=directory / "backend.log",
        start_seconds=start_seconds,
    )


async def test_a_refused_configuration_is_reported_problem_by_problem(tmp_path: Path) -> None:
    child = server(tmp_path, SAYS_ITS_PROBLEMS)
    with pytest.raises(ConfigurationRefused, match="backend refuses its configuration") as refusal:
        await child.start()
    assert refusal.value.exit_code == 78
    assert refusal.value.log_tail.splitlines() == [
        "2 problem(s) in the configuration:",
        "  - PORT: not a number",
        "  - NETRA_MODEL: unknown",
    ]
    assert child.pid == 0


async def test_another_end_is_reported_with_the_end_of_its_log(tmp_path: Path) -> None:
    child = server(tmp_path, "import sys; sys.exit('cannot find the flux capacitor')")
    with pytest.raises(ServerStartFailed, match="backend ended with status 1") as failure:
        await child.start()
    assert failure.value.exit_code == 1
    assert failure.value.log_tail == "cannot find the flux capacitor"


async def test_a_child_that_never_serves_is_ended_at_its_deadline(tmp_path: Path) -> None:
    child = server(tmp_path, "import signal; signal.pause()", start_seconds=0.5)
    with pytest.raises(ServerStartFailed, match=r"was not ready after 0\.5 s"):
        await child.start()
    assert child.pid == 0
