"""Real servers, started by real processes that compete and are killed."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import asyncpg
import httpx
import pytest
from redis import Redis

from netra_ops.errors import PortTaken, ServerStartFailed
from netra_ops.stack import state
from netra_ops.stack.leftovers import wait_gone
from test_framework.project import PROJECT_ROOT
from test_framework.test_services.availability import ServiceAvailability
from test_framework.test_services.places import Places
from test_framework.unified_docker_manager import UnifiedDockerManager

NO_DOCKER = "/nonexistent/docker"
START = """
import sys
from pathlib import Path
from test_framework.unified_docker_manager import UnifiedDockerManager
manager = UnifiedDockerManager(
    compose_file=Path(sys.argv[1]), data_dir=Path(sys.argv[2]), docker=sys.argv[3])
print(manager.start_test_services())
"""
SECONDS = 240.0  # 6 s on a quiet machine
GONE_SECONDS = 30.0  # PostgreSQL notices within 5 s that its parent is gone, when it may run
pytestmark = pytest.mark.timeout(300)  # a test starts up to three sets


def starting(compose_file: Path, data_dir: Path, docker: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", START, str(compose_file), str(data_dir), docker],
        cwd=PROJECT_ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def answers(found: Mapping[str, ServiceAvailability]) -> list[bool]:
    return [bool(service) for service in found.values()]


async def test_two_processes_start_one_set_that_survives_them_and_a_kill(
    compose_file: Path, data_dir: Path
) -> None:
    starters = [starting(compose_file, data_dir, NO_DOCKER) for _ in range(2)]
    said = [starter.communicate(timeout=SECONDS) for starter in starters]
    assert [output for output, _ in said] == ["True\n", "True\n"], said
    assert sum("from wheels (docker is not installed)" in text for _, text in said) == 1
    assert sum("already running" in text for _, text in said) == 1

    manager = UnifiedDockerManager(compose_file=compose_file, data_dir=data_dir, docker=NO_DOCKER)
    services = manager.services
    connection = await asyncpg.connect(services.database_url)
    tables = await connection.fetchval("SELECT to_regclass('auth.users')")
    await connection.close()
    assert tables is not None
    with Redis.from_url(services.redis_url) as client:
        assert client.ping()
    async with httpx.AsyncClient(base_url=services.auth_url, timeout=GONE_SECONDS) as http:
        account = {"email": "ann@example.com", "password": "a password long enough"}
        registered = await http.post("/api/auth/register", json=account)
        assert registered.status_code == 201, registered.text

    places = Places(data_dir)
    current = state.read_running(places.state)
    assert current is not None
    before = set(current.identities.values())
    os.kill(current.supervisor.pid, signal.SIGKILL)
    assert [wait_gone(one, GONE_SECONDS) for one in (current.supervisor, *before)] == [True] * 4
    assert answers(manager.check_service_availability()) == [False] * 3

    assert manager.start_test_services() is True
    after = state.read_running(places.state)
    assert after is not None
    assert before.isdisjoint(after.identities.values())
    async with httpx.AsyncClient(base_url=services.auth_url, timeout=GONE_SECONDS) as http:
        fresh = await http.post("/api/auth/register", json=account)
        assert fresh.status_code == 201, "the data of the killed set is gone"

    assert manager.stop_test_services() is True
    assert answers(manager.check_service_availability()) == [False] * 3
    assert manager.stop_test_services() is False
    assert not places.state.exists()


def test_a_port_that_someone_else_has_is_named(compose_file: Path, data_dir: Path) -> None:
    said: list[str] = []
    manager = UnifiedDockerManager(
        compose_file=compose_file, data_dir=data_dir, docker=NO_DOCKER, say=said.append
    )
    port = manager.services.ports["redis-test"]
    with socket.create_server(("127.0.0.1", port)), pytest.raises(PortTaken) as taken:
        manager.start_test_services()
    assert f"redis-test needs port {port}" in taken.value.detail
    assert f"sport = :{port}" in taken.value.remedy
    assert said == []


def test_a_service_that_cannot_start_fails_with_the_end_of_its_log(
    compose_file: Path, data_dir: Path
) -> None:
    compose_file.write_text(compose_file.read_text().replace("ENVIRONMENT: test", "ENVIRONMENT: x"))
    manager = UnifiedDockerManager(
        compose_file=compose_file, data_dir=data_dir, docker=NO_DOCKER, say=lambda _: None
    )
    with pytest.raises(ServerStartFailed) as failed:
        manager.start_test_services()
    assert "migrate" in failed.value.log_tail
    assert "ENVIRONMENT" in failed.value.log_tail.upper()
    assert answers(manager.check_service_availability()) == [False] * 3


def test_an_engine_that_answers_is_preferred_and_its_word_is_not_enough(
    compose_file: Path, data_dir: Path, tmp_path: Path
) -> None:
    """The client says that all containers are healthy; nothing listens, so it is no success."""
    client = tmp_path / "docker"
    client.write_text(f'#!/bin/sh\necho "$*" >>{tmp_path}/calls\n')
    client.chmod(0o755)
    said: list[str] = []
    manager = UnifiedDockerManager(
        compose_file=compose_file, data_dir=data_dir, docker=str(client), say=said.append
    )
    with pytest.raises(ServerStartFailed, match="not every service answers: postgres-test"):
        manager.start_test_services()
    assert said == ["test services from Docker"]
    assert "up --detach --wait" in (tmp_path / "calls").read_text()
