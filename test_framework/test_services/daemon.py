"""The test services from wheels, held together by one process until it gets SIGTERM.

``python -m test_framework.test_services.daemon --data-dir DIR --compose-file FILE``. Only one runs
per directory. When it is killed the kernel ends its servers; the next one clears what they left.
"""

import argparse
import asyncio
import os
import signal
import sys
from pathlib import Path

from netra_ops.errors import NotRunning, OperatorError, ServerStartFailed
from netra_ops.services.http_server import HttpServer
from netra_ops.services.postgres import EmbeddedPostgres
from netra_ops.services.supervisor import PartRecord, Server, Supervised
from netra_ops.services.valkey import EmbeddedValkey
from netra_ops.stack import migrations, state
from netra_ops.stack.environment import NOT_INHERITED
from netra_ops.stack.identity import identify
from netra_ops.stack.leftovers import end_leftovers
from netra_ops.stack.lock import exclusive
from test_framework.project import PROJECT_ROOT
from test_framework.test_services.definition import (
    AUTH,
    POSTGRES,
    REDIS,
    TestServices,
    read_definition,
)
from test_framework.test_services.places import Places

STOP_SECONDS = 3.0  # for each part; nothing has to survive
MAX_CONNECTIONS = 300  # as in the Compose file
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def main() -> int:
    """Run until SIGTERM; the log has the reason of a failure, the caller reads it there."""
    parser = argparse.ArgumentParser(prog="netra-test-services")
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--compose-file", type=Path, required=True)
    arguments = parser.parse_args()
    places = Places(arguments.data_dir)
    places.create()
    try:
        services = read_definition(arguments.compose_file)
        with exclusive(places.lock):
            end_leftovers(places.state)
            asyncio.run(_run(services, places))
    except OperatorError as error:
        log_tail = error.log_tail if isinstance(error, ServerStartFailed) else ""
        sys.stderr.write(f"{error.detail}\n{log_tail}\n")
        return error.exit_code
    return 0


async def _run(services: TestServices, places: Places) -> None:
    me = identify(os.getpid())
    if me is None:
        raise NotRunning("this process does not exist")
    stop = asyncio.Event()
    for number in STOP_SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    parts = _Parts(services, places, state.StackState(me, services.auth_url))
    parts.write()
    starting = asyncio.create_task(parts.start(), name="start")
    stopping = asyncio.create_task(stop.wait(), name="stop-request")
    try:
        await asyncio.wait([starting, stopping], return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            starting.result()
            parts.write(ready=True)
            await stopping
    finally:
        for task in (starting, stopping):
            task.cancel()
        await asyncio.wait([starting, stopping])
        await parts.stop()
        places.state.unlink(missing_ok=True)


class _Parts:
    """The three servers, and the file that says what runs."""

    def __init__(self, services: TestServices, places: Places, current: state.StackState) -> None:
        self._services = services
        self._places = places
        self._state = current
        self._running: list[Supervised] = []

    async def start(self) -> None:
        """Start the engines side by side, bring the schema up, start the identity service."""
        services, places = self._services, self._places
        postgres = EmbeddedPostgres(
            places.folder(POSTGRES),
            port=services.ports[POSTGRES],
            user=services.user,
            password=services.password,
            database=services.database,
            max_connections=MAX_CONNECTIONS,
            throwaway=True,
            log_path=places.log(POSTGRES),
        )
        await asyncio.to_thread(postgres.remove)  # unsynced data of one that was killed
        valkey = EmbeddedValkey(
            places.folder(REDIS),
            port=services.ports[REDIS],
            password=services.redis_password,
            log_path=places.log(REDIS),
        )
        async with asyncio.TaskGroup() as group:
            group.create_task(self._supervise(POSTGRES, postgres))
            group.create_task(self._supervise(REDIS, valkey))
        environment = {
            name: value for name, value in os.environ.items() if name not in NOT_INHERITED
        } | dict(services.auth_environment)
        await migrations.migrate(migrations.MODULES, PROJECT_ROOT, environment, places.logs)
        auth = HttpServer(
            AUTH,
            [sys.executable, "-m", "auth_service"],
            port=services.ports[AUTH],
            ready_path="/health/ready",
            log_path=places.log(AUTH),
            environment=environment,
            working_directory=PROJECT_ROOT,
        )
        await self._supervise(AUTH, auth)

    async def stop(self) -> None:
        """Stop in the opposite order."""
        for part in reversed(self._running):
            await part.stop(STOP_SECONDS)

    def write(self, *, ready: bool = False) -> None:
        """Publish what runs."""
        self._state.ready = ready
        state.write(self._places.state, self._state)

    async def _supervise(self, name: str, server: Server) -> None:
        part = Supervised(name, server, self._changed)
        self._running.append(part)
        await part.start()

    def _changed(self, record: PartRecord) -> None:
        self._state.parts[record.name] = record
        if identity := identify(record.pid):
            self._state.identities[record.name] = identity
        else:
            self._state.identities.pop(record.name, None)
        self.write(ready=self._state.ready)


if __name__ == "__main__":
    sys.exit(main())
