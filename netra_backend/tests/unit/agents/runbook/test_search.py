"""Loading and searching the runbook on a real database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from netra_backend.app.agents.runbook.loader import load_runbook
from netra_backend.app.agents.runbook.search import (
    MAX_EXCERPT_CHARACTERS,
    RunbookSearch,
    excerpt,
)
from netra_shared.stores.database import async_url


@pytest.fixture
async def engine(migrated_postgres_url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_async_engine(async_url(migrated_postgres_url))
    yield engine
    await engine.dispose()


async def test_pages_are_loaded_once_and_again_when_they_change(
    engine: AsyncEngine, tmp_path: Path
) -> None:
    search = RunbookSearch(engine)
    assert await search.search("elephant") == []
    page = tmp_path / "page.md"
    page.write_text("# Animals\n\nAn elephant is grey.\n")
    assert await load_runbook(engine, tmp_path)
    assert not await load_runbook(engine, tmp_path)
    hit = (await search.search("elephants?"))[0]
    assert (hit.page, hit.path) == ("Animals", "docs/page.md#animals")
    page.write_text("# Animals\n\nA giraffe is tall.\n")
    assert await load_runbook(engine, tmp_path)
    assert await search.search("elephant") == []
    page.unlink()
    assert not await load_runbook(engine, tmp_path)
    assert len(await search.search("giraffe")) == 1


@pytest.mark.parametrize(
    ("question", "path"),
    [
        ("how do I roll back a deploy?", "docs/runbook/deploy-and-rollback.md#roll-back"),
        ("why 4413 slow consumer", "docs/runbook/close-codes.md#4413-slow_consumer"),
        ("what happens when valkey is down", "docs/runbook/valkey-outage.md"),
        ("the next deploy serves 0 percent", "docs/runbook/deploy-and-rollback.md"),
        ("SIGTERM drain", "docs/runbook/drain-and-shutdown.md"),
        ("browser sees only a close code", "docs/runbook/auth-failures.md"),
        ("redis budget staging", "docs/readiness.md#budgets"),
    ],
)
async def test_the_real_runbook_answers_real_questions(
    engine: AsyncEngine, question: str, path: str
) -> None:
    await load_runbook(engine)
    hits = await RunbookSearch(engine).search(question)
    assert any(hit.path.startswith(path) for hit in hits), [hit.path for hit in hits]


@pytest.mark.parametrize("query", ["", "' | !! & ( :*", "'; DROP TABLE x; --", "the of", "\\"])
# integrity: allow must-assert: any exception of the query parser is the failure
async def test_no_query_is_an_error(engine: AsyncEngine, query: str) -> None:
    await load_runbook(engine)
    await RunbookSearch(engine).search(query)


def test_long_sections_are_cut_between_paragraphs() -> None:
    paragraph = "word " * 150
    cut = excerpt("\n\n".join([paragraph.strip()] * 3))
    assert len(cut) < MAX_EXCERPT_CHARACTERS
    assert cut == paragraph.strip() + "\n\n…"
    assert excerpt("short") == "short"
    assert len(excerpt("x" * 5000)) <= MAX_EXCERPT_CHARACTERS + 3
