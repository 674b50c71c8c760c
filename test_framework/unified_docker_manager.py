"""PostgreSQL, Valkey and the identity service for tests: from Docker, else from wheels.

    from test_framework.unified_docker_manager import UnifiedDockerManager
    UnifiedDockerManager().start_test_services()

or ``python -m test_framework.unified_docker_manager start | stop | status``. Either way they
listen where ``test-services.docker-compose.yml`` says: 5433, 6380 and 8001 on the loopback
interface, and stay until they are stopped.
"""

import argparse
import fcntl
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from netra_ops.errors import DataInUse, OperatorError, PortTaken, ServerStartFailed
from test_framework.blocking import run
from test_framework.test_services import wheels
from test_framework.test_services.availability import ServiceAvailability, check_all, is_listening
from test_framework.test_services.definition import COMPOSE_FILE, read_definition
from test_framework.test_services.docker import DockerCompose
from test_framework.test_services.places import DEFAULT_DIRECTORY, Places

TURN_SECONDS = 660.0  # another process may be building an image
POLL_SECONDS = 0.1


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


class UnifiedDockerManager:
    """Starts, stops and checks the test services. Any number of processes may use one together.

    Args:
        compose_file: ports, names and passwords.
        data_dir: for logs and data of the services from wheels.
        docker: the client program; None looks for ``docker`` on PATH.
        say: gets one line for each thing that happens; standard error by default.
    """

    def __init__(
        self,
        *,
        compose_file: Path = COMPOSE_FILE,
        data_dir: Path = DEFAULT_DIRECTORY,
        docker: str | None = None,
        say: Callable[[str], None] = _say,
    ) -> None:
        self.services = read_definition(compose_file)
        self._compose = DockerCompose(compose_file, docker)
        self._places = Places(data_dir)
        self._say = say

    def start_test_services(self) -> bool:
        """Start what does not run yet; return True once each service answered a real query.

        Raises:
            PortTaken: something else listens on one of the ports.
            ServerStartFailed, ContainersFailed: a service did not become ready.
            DataInUse: another process has been starting or stopping for too long.
        """
        with self._turn():
            found = self.check_service_availability()
            if all(found.values()):
                self._report(found, "already running")
                return True
            why_not = self._compose.objection()
            if why_not and not wheels.is_running(self._places):
                self._refuse_taken_ports(found)
            if why_not:
                self._say(f"test services from wheels ({why_not})")
                wheels.start(self.services, self._places, self._say)
            else:
                self._say("test services from Docker")
                self._compose.up()
            found = self.check_service_availability()
            if silent := [name for name, service in found.items() if not service]:
                reasons = "; ".join(f"{name}: {found[name].detail}" for name in silent)
                raise ServerStartFailed(
                    f"started, but not every service answers: {reasons}",
                    remedy=f"read the logs in {self._places.logs}, or: docker compose logs",
                )
            self._report(found, "ready")
            return True

    def stop_test_services(self) -> bool:
        """Stop what this checkout started; return whether anything ran.

        Raises:
            ContainersFailed, DataInUse, OperatorError: something could not be stopped.
        """
        with self._turn():
            stopped = wheels.stop(self._places)
            if not self._compose.objection() and self._compose.is_up():
                self._compose.down()
                stopped = True
        self._say("test services stopped" if stopped else "no test services ran")
        return stopped

    def check_service_availability(self) -> dict[str, ServiceAvailability]:
        """Ask each service a real query; by name, true in a condition when it answered."""
        return run(check_all(self.services))

    def environment(self) -> dict[str, str]:
        """Return the variables with which tests use the services; see ``fixtures/stores.py``."""
        return {
            "NETRA_TEST_DATABASE_URL": self.services.database_url,
            "NETRA_TEST_REDIS_URL": self.services.redis_url,
            "NETRA_TEST_AUTH_URL": self.services.auth_url,
        }

    def _refuse_taken_ports(self, found: Mapping[str, ServiceAvailability]) -> None:
        for name, service in found.items():
            port = self.services.ports[name]
            if service or run(is_listening(port)):
                what = "serves as such" if service else f"is not one ({service.detail})"
                raise PortTaken(
                    f"{name} needs port {port}; what listens there {what}, "
                    "and it was not started from here",
                    remedy=f"stop it (ss -ltnp 'sport = :{port}' names it), then start again",
                )

    def _report(self, found: Mapping[str, ServiceAvailability], how: str) -> None:
        for name, service in found.items():
            self._say(f"{name} {how}: {service.detail} at {service.address}")

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Wait for our turn; the kernel ends a killed process's turn."""
        self._places.create()
        give_up = time.monotonic() + TURN_SECONDS
        with self._places.turn.open("w") as file:
            while True:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > give_up:
                        raise DataInUse(
                            f"another process has been at the test services for {TURN_SECONDS:g} s",
                            remedy=f"find it with: fuser {self._places.turn}",
                        ) from None
                    time.sleep(POLL_SECONDS)
            yield


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; exit status 0 when afterwards it is as asked, else the error's own."""
    parser = argparse.ArgumentParser(
        prog="python -m test_framework.unified_docker_manager",
        description="PostgreSQL, Valkey and the identity service for tests, on fixed ports.",
        epilog="exit status of status: 0 when every service answers a real query, else 4",
    )
    parser.add_argument("command", choices=("start", "stop", "status"))
    parser.add_argument("--json", action="store_true", help="write the services as JSON")
    options = parser.parse_args(arguments)
    try:
        manager = UnifiedDockerManager()
        if options.command == "start":
            manager.start_test_services()
        elif options.command == "stop":
            manager.stop_test_services()
            return 0
        found = manager.check_service_availability()
    except OperatorError as error:
        log_tail = error.log_tail if isinstance(error, ServerStartFailed) else ""
        remedy = f"\n  -> {error.remedy}" if error.remedy else ""
        sys.stderr.write("\n".join(filter(None, [error.detail, log_tail])) + f"{remedy}\n")
        return error.exit_code
    if options.json:
        report = {name: asdict(service) for name, service in found.items()}
        sys.stdout.write(json.dumps(report, indent=2) + "\n")
    elif options.command == "status":
        for name, service in found.items():
            mark = "✓" if service else "✗"
            sys.stdout.write(f"{mark} {name} {service.address} {service.detail}\n")
    return 0 if all(found.values()) else 4


if __name__ == "__main__":
    sys.exit(main())
