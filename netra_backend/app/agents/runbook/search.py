"""Full-text search over the runbook's sections."""

import re
from collections.abc import Sequence

from sqlalchemy import ColumnElement, Integer, cast, func, literal, select
from sqlalchemy.ext.asyncio import AsyncEngine

from netra_backend.app.agents.ports import RunbookHit
from netra_backend.app.db.tables import runbook_sections
from netra_backend.app.db.transaction import transaction

MAX_HITS = 3
MAX_EXCERPT_CHARACTERS = 1200  # about one screen; the answer links to the page

_WORD = re.compile(r"\w+")


class RunbookSearch:
    """Finds sections by their words; English stemming, any word may match, ranked."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def search(self, query: str) -> Sequence[RunbookHit]:
        """Return at most three sections, best first.

        Every word of the question contributes, and none is required: people ask in sentences.
        A match in a heading ranks higher than one in the text.

        Raises:
            DatabaseUnavailable: PostgreSQL did not answer.
        """
        words = _WORD.findall(query)
        if not words:
            return []
        # Stop words vanish in the query's normalisation; quoting makes each word a plain lexeme.
        question = func.to_tsquery("english", " | ".join(f"'{word}'" for word in words))
        # 1: divide by the logarithm of the length, or long pages always rank first.
        rank = func.ts_rank_cd(runbook_sections.c.search, question, 1)
        statement = (
            select(
                runbook_sections.c.page,
                runbook_sections.c.heading,
                runbook_sections.c.path,
                runbook_sections.c.anchor,
                runbook_sections.c.body,
            )
            .where(runbook_sections.c.search.op("@@")(question), _matches_half_of(words))
            .order_by(rank.desc(), runbook_sections.c.path, runbook_sections.c.position)
            .limit(MAX_HITS)
        )
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(statement)).all()
        return [
            RunbookHit(row.page, row.heading, f"docs/{row.path}#{row.anchor}", excerpt(row.body))
            for row in rows
        ]


def _matches_half_of(words: Sequence[str]) -> ColumnElement[bool]:
    """Return the condition that at least half of the words match; stop words do not count.

    A section that shares one word with a question on another subject is no answer to it.
    """
    queries = [func.to_tsquery("english", f"'{word}'") for word in words]
    known = sum((cast(func.numnode(query) > 0, Integer) for query in queries), literal(0))
    found = sum(
        (cast(runbook_sections.c.search.op("@@")(query), Integer) for query in queries), literal(0)
    )
    return found * 2 >= known


def excerpt(body: str) -> str:
    """Return the start of a section, cut between paragraphs where possible."""
    if len(body) <= MAX_EXCERPT_CHARACTERS:
        return body
    head = body[:MAX_EXCERPT_CHARACTERS]
    paragraph = head.rfind("\n\n")
    line = head.rfind("\n")
    cut = paragraph if paragraph > MAX_EXCERPT_CHARACTERS // 2 else max(line, 0) or len(head)
    return head[:cut].rstrip() + "\n\n…"
