"""Compares the schema revision of the code with that of the database, without Alembic.

Importing Alembic and its template engine takes an eighth of a service's start.
``netra_shared.stores.migrations`` changes schemas, in a separate process.
"""

import ast
import re
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

UNDEFINED_TABLE = "42P01"  # PostgreSQL's error for a missing table, also in a missing schema
_ASSIGNMENT = re.compile(
    r"^(revision|down_revision)\s*(?::[^=]*)?=\s*(.+?)\s*(?:#.*)?$", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class SchemaRevisions:
    """The revisions of one schema.

    Attributes:
        schema: contains the tables and ``alembic_version``.
        head: the newest revision that the code knows.
        known: every revision that the code knows.
    """

    schema: str
    head: str
    known: frozenset[str]

    async def current(self, engine: AsyncEngine) -> str | None:
        """Return the revision of the database, ``None`` before the first."""
        query = text(f'SELECT version_num FROM "{self.schema}".alembic_version')  # noqa: S608  a constant of ours
        try:
            async with engine.connect() as connection:
                found = (await connection.execute(query)).scalar_one_or_none()
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) == UNDEFINED_TABLE:
                return None
            raise
        return None if found is None else str(found)


def read_revisions(versions: Path, schema: str) -> SchemaRevisions:
    """Read the revisions that the scripts in ``versions`` declare, without running them.

    Args:
        versions: Alembic's folder of that name; each script assigns ``revision`` and
            ``down_revision``, a string or ``None``, on one line each.
        schema: their PostgreSQL schema.

    Raises:
        ValueError: a script lacks one of the two, or the scripts have not exactly one head.
    """
    predecessors: dict[str, str | None] = {}
    for script in sorted(versions.glob("[!_]*.py")):
        declared = {
            name: ast.literal_eval(value)
            for name, value in _ASSIGNMENT.findall(script.read_text(encoding="utf-8"))
        }
        if declared.keys() != {"revision", "down_revision"}:
            raise ValueError(f"{script.name} must assign revision and down_revision")
        predecessors[declared["revision"]] = declared["down_revision"]
    heads = predecessors.keys() - predecessors.values()
    if len(heads) != 1:
        raise ValueError(f"{versions} has {len(heads)} heads: {sorted(heads)}")
    return SchemaRevisions(schema, heads.pop(), frozenset(predecessors))
