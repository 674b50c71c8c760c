"""Databases on one PostgreSQL server, copied from templates before a test asks for them."""

import asyncio
import re
import threading
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from netra_ops.services.postgres import EmbeddedPostgres
from test_framework.leaks.keepers import THREAD, keeping
from test_framework.leaks.resources import socket_number

Result = TypeVar("Result")

EMPTY_TEMPLATE = "template0"
CONNECT_SECONDS = 20.0
COMMAND_SECONDS = 30.0  # CREATE DATABASE takes 40 ms; a loaded machine has been seen at 2 s
RETRY_SECONDS = 0.1
CLOSE_SECONDS = 60.0
SERVER_UNAVAILABLE = (asyncpg.PostgresConnectionError, asyncpg.OperatorInterventionError)


@dataclass(frozen=True)
class DatabaseLeak:
    """A database that was created and never dropped."""

    name: str
    owner: str


class TestDatabases:
    """Creates and drops databases on one server. Not tied to an event loop.

    Copying a template takes 40 to 200 ms, so a spare of each template is made in the background
    while a test runs, and dropping does not keep a test waiting either.

    Args:
        url: of a database on the server, as a user who may create others.
        prefix: of all names; lower-case letters and digits. Differs between workers.
        server: the server when it is our own.
    """

    __test__ = False  # the name starts with Test; pytest must not collect it

    def __init__(
        self, url: str, *, prefix: str = "test", server: EmbeddedPostgres | None = None
    ) -> None:
        self._url = url
        self._prefix = prefix
        self._server = server
        self._numbers = count(1)
        self._spares: dict[str, Future[str]] = {}
        self._templates: dict[str, str] = {}
        self._owners: dict[str, str] = {}
        self._drops: set[Future[None]] = set()
        self._administrator = _Administrator(url)

    @property
    def server(self) -> EmbeddedPostgres:
        """The server, for tests that stop, freeze or kill it.

        Raises:
            RuntimeError: it is not ours.
        """
        if self._server is None:
            raise RuntimeError("the server was given by NETRA_TEST_DATABASE_URL; use `databases`")
        return self._server

    async def create(self, template: str = EMPTY_TEMPLATE, *, owner: str = "") -> str:
        """Return the URL of a fresh database.

        Args:
            template: what it is a copy of.
            owner: who must drop it; named when it is not.
        """
        spare = self._spares.pop(template, None)
        try:
            name = await _outcome(spare or self._submit(template))
        except TimeoutError:
            if spare is None:
                raise
            name = await _outcome(self._submit(template))  # the server was unavailable for long
        self._spares[template] = self._submit(template)
        self._owners[name] = owner
        return self._database_url(name)

    async def drop(self, url: str) -> None:
        """Drop the database behind ``url`` soon, ending whoever is still connected."""
        name = urlsplit(url).path.strip("/")
        self._owners.pop(name, None)
        dropping = self._administrator.run(self._administrator.drop(name))
        self._drops.add(dropping)

    async def template(self, name: str, fill: Callable[[str], Awaitable[None]]) -> str:
        """Return the template ``name``, filled by ``fill(url)`` at its first use."""
        if not re.fullmatch(r"[a-z_]+", name):
            raise ValueError(f"{name!r} is no template name; use lower-case letters and _")
        if name not in self._templates:
            full_name = f"{self._prefix}_{name}"
            await _outcome(
                self._administrator.run(self._administrator.create(full_name, EMPTY_TEMPLATE))
            )
            await fill(self._database_url(full_name))
            self._templates[name] = full_name
        return self._templates[name]

    def close(self) -> list[DatabaseLeak]:
        """Drop what is left, end the background work, and return what others forgot to drop."""
        for drop in self._drops:
            drop.result(CLOSE_SECONDS)
        leaks = [DatabaseLeak(name, owner) for name, owner in self._owners.items()]
        own = [spare.result(CLOSE_SECONDS) for spare in self._spares.values()]
        if self._server is None:  # our own server is deleted as a whole
            for name in (*own, *self._owners, *self._templates.values()):
                self._administrator.run(self._administrator.drop(name)).result(CLOSE_SECONDS)
        self._administrator.close()
        return leaks

    def _submit(self, template: str) -> Future[str]:
        name = f"{self._prefix}_{next(self._numbers)}"
        return self._administrator.run(self._administrator.create(name, template))

    def _database_url(self, name: str) -> str:
        return urlunsplit(urlsplit(self._url)._replace(path=f"/{name}"))


class _Administrator:
    """One session on a thread of its own, which creates and drops databases one after another."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._loop = asyncio.new_event_loop()
        self._turn = asyncio.Lock()
        self._connection: asyncpg.Connection | None = None
        self._kept = ExitStack()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name=f"{THREAD}-databases", daemon=True
        )
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, Result]) -> Future[Result]:
        """Start ``work`` on the thread."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    async def create(self, name: str, template: str) -> str:
        """Create a database and return its name."""
        # Copying files is half the work of logging every page of them.
        await self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
        return name

    async def drop(self, name: str) -> None:
        """Drop a database, in use or not."""
        await self._execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def close(self) -> None:
        """End the session and the thread."""
        self.run(self._hang_up()).result(CLOSE_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(CLOSE_SECONDS)
        self._loop.close()

    async def _execute(self, statement: str) -> None:
        """Execute; wait for a server that a test has stopped, frozen or killed to come back."""
        async with self._turn:
            try:
                async with asyncio.timeout(COMMAND_SECONDS):
                    while not await self._executed(statement):  # noqa: ASYNC110  # a server's state
                        await asyncio.sleep(RETRY_SECONDS)
            except TimeoutError as error:
                raise TimeoutError(f"not done after {COMMAND_SECONDS:g} s: {statement}") from error

    async def _executed(self, statement: str) -> bool:
        try:
            if self._connection is None or self._connection.is_closed():
                self._kept.close()
                self._connection = await asyncpg.connect(self._url, timeout=CONNECT_SECONDS)
                transport = self._connection._transport  # noqa: SLF001  # the only way to its socket
                descriptor = transport.get_extra_info("socket").fileno()
                self._kept.enter_context(keeping(socket_number(descriptor)))
            await self._connection.execute(statement)
        except asyncpg.DuplicateDatabaseError:
            return True  # the connection was lost after the first attempt had succeeded
        except (OSError, asyncpg.InterfaceError, *SERVER_UNAVAILABLE):
            return False
        return True

    async def _hang_up(self) -> None:
        if self._connection is not None:
            await self._connection.close(timeout=CONNECT_SECONDS)
        self._kept.close()


async def _outcome(future: Future[Result]) -> Result:
    return await asyncio.wrap_future(future)
