"""Stores the pages under ``docs/`` in ``netra.runbook_sections`` when they have changed."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncEngine

from netra_backend.app.agents.runbook.sections import Section, sections_of
from netra_backend.app.db.tables import runbook_sections, runbook_state
from netra_backend.app.db.transaction import transaction
from netra_shared.logging import get_logger

DOCS_FOLDER = Path(__file__).parents[4] / "docs"
# Decision records do not help during an incident.
EXCLUDED = ("decisions/",)
FORMAT_VERSION = "1"  # increment it when the splitting of pages changes

_LOCK = 0x72756E62  # "runb": one loader at a time, in this database
_log = get_logger(__name__)


def read_pages(folder: Path) -> list[Section]:
    """Read all Markdown pages under ``folder``, in the order of their paths."""
    found: list[Section] = []
    for file in sorted(folder.rglob("*.md")):
        path = file.relative_to(folder).as_posix()
        if not path.startswith(EXCLUDED):
            found.extend(sections_of(path, file.read_text(encoding="utf-8")))
    return found


def digest_of(sections: Sequence[Section]) -> str:
    """Return the SHA-256 of the sections."""
    digest = hashlib.sha256(FORMAT_VERSION.encode())
    for section in sections:
        for part in (section.path, section.page, section.heading, section.body):
            digest.update(part.encode() + b"\x00")
    return digest.hexdigest()


async def load_runbook(engine: AsyncEngine, folder: Path = DOCS_FOLDER) -> bool:
    """Store the pages when they differ from the stored ones.

    Without ``docs/`` in the image, the stored pages remain.

    Returns:
        Whether anything was written.

    Raises:
        DatabaseUnavailable: PostgreSQL did not answer.
    """
    sections = read_pages(folder)
    if not sections:
        _log.warning("runbook pages missing", folder=str(folder))
        return False
    digest = digest_of(sections)
    async with transaction(engine) as connection:
        if await connection.scalar(select(runbook_state.c.digest)) == digest:
            return False
        await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        await connection.execute(delete(runbook_sections))
        await connection.execute(insert(runbook_sections), [asdict(item) for item in sections])
        statement = upsert(runbook_state).values(id=1, digest=digest)
        await connection.execute(
            statement.on_conflict_do_update(
                index_elements=["id"], set_={"digest": digest, "loaded_at": func.now()}
            )
        )
    _log.info("runbook loaded", sections=len(sections))
    return True
