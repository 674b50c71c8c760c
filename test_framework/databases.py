"""A PostgreSQL server for one test worker, and databases copied from templates."""

import re
from collections.abc import Awaitable, Callable
from itertools import count

import asyncpg

from netra_ops.services.postgres import EmbeddedPostgres

EMPTY_TEMPLATE = "template0"
CONNECT_SECONDS = 5.0
COMMAND_SECONDS = 20.0  # CREATE DATABASE takes 20 ms; a loaded machine has been seen at 2 s


class TestDatabases:
    """Creates and drops databases on one server.

    Args:
        server: a started server whose superuser we are.
    """

    __test__ = False  # the name begins with Test; pytest must not collect it

    def __init__(self, server: EmbeddedPostgres) -> None:
        self._server = server
        self._numbers = count(1)
        self._templates: set[str] = set()

    @property
    def server(self) -> EmbeddedPostgres:
        """The server, for tests that stop, freeze or kill it."""
        return self._server

    async def create(self, template: str = EMPTY_TEMPLATE) -> str:
        """Create a database and return its URL."""
        name = f"test_{next(self._numbers)}"
        await self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self._server.database_url(name)

    async def drop(self, url: str) -> None:
        """Drop the database behind ``url``, ending whoever is still connected."""
        name = url.rpartition("/")[2]
        await self._execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    async def template(self, name: str, fill: Callable[[str], Awaitable[None]]) -> str:
        """Return the template ``name``, filled by ``fill(url)`` at its first use."""
        if not re.fullmatch(r"[a-z_]+", name):
            raise ValueError(f"{name!r} is no template name; use lower-case letters and _")
        if name not in self._templates:
            await self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{EMPTY_TEMPLATE}"')
            await fill(self._server.database_url(name))
            self._templates.add(name)
        return name

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(
            self._server.url, timeout=CONNECT_SECONDS, command_timeout=COMMAND_SECONDS
        )
        try:
            await connection.execute(statement)
        finally:
            await connection.close()
