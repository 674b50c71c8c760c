"""Building only when it is needed, once, and never losing what was built before."""

import asyncio
import json
from pathlib import Path

import pytest

from netra_ops.frontend import sources
from netra_ops.frontend.build import build_frontend
from netra_ops.frontend.packages import LOCK_POLL_SECONDS, build_lock
from netra_ops.frontend.steps import FrontendBuildFailed

# A build as small as can be: Node strips the types, and the digest comes in from outside.
BUILD = """
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
const broken: boolean = readFileSync("src/page.tsx", "utf8").includes("broken");
appendFileSync("builds.txt", "x");
if (broken) { console.error("Type error: it is broken"); process.exit(1); }
mkdirSync("out", { recursive: true });
writeFileSync("out/version.json", readFileSync("wanted.json"));
"""


@pytest.fixture
def frontend(tmp_path: Path) -> Path:
    """A folder whose packages count as installed."""
    for name in ("package.json", "package-lock.json", "next.config.ts", "tsconfig.json"):
        (tmp_path / name).write_text("{}")
    for folder in ("src", "scripts", "node_modules"):
        (tmp_path / folder).mkdir()
    (tmp_path / "src" / "page.tsx").write_text("one")
    (tmp_path / "scripts" / "build.ts").write_text(BUILD)
    (tmp_path / sources.LOCK_STAMP).write_text(sources.lock_digest(tmp_path))
    return tmp_path


def change(frontend: Path, page: str) -> None:
    (frontend / "src" / "page.tsx").write_text(page)
    wanted = {"digest": sources.source_digest(frontend)}
    (frontend / "wanted.json").write_text(json.dumps(wanted))


async def build(frontend: Path) -> tuple[bool, list[str]]:
    steps: list[str] = []
    built = await build_frontend(frontend, frontend / "build.log", steps.append)
    return built, steps


def times_built(frontend: Path) -> int:
    return len((frontend / "builds.txt").read_text())


async def test_it_is_built_when_sources_changed_and_only_then(frontend: Path) -> None:
    change(frontend, "one")
    assert await build(frontend) == (True, ["building"])
    assert await build(frontend) == (False, [])
    change(frontend, "two")
    assert await build(frontend) == (True, ["building"])


async def test_two_concurrent_starts_build_once(frontend: Path) -> None:
    change(frontend, "one")
    outcomes = await asyncio.gather(build(frontend), build(frontend))
    assert sorted(built for built, _ in outcomes) == [False, True]
    assert times_built(frontend) == 1


async def test_a_failure_names_the_reason_and_leaves_the_former_build(frontend: Path) -> None:
    change(frontend, "one")
    await build(frontend)
    former = sources.built_digest(frontend)
    change(frontend, "broken")
    with pytest.raises(FrontendBuildFailed, match="Type error: it is broken") as caught:
        await build(frontend)
    assert caught.value.remedy == "read: netra logs frontend-build"
    assert sources.built_digest(frontend) == former
    change(frontend, "mended")
    assert (await build(frontend))[0]


async def test_who_waits_for_another_build_says_so_once(frontend: Path) -> None:
    reported: list[str] = []

    async def second() -> None:
        async with build_lock(frontend, reported.append):
            reported.append("its turn")

    async with build_lock(frontend, reported.append):
        waiting = asyncio.create_task(second())
        # integrity: allow no-sleep: three polls must pass in which nothing is said
        await asyncio.sleep(3 * LOCK_POLL_SECONDS)
    await waiting
    assert reported == ["waiting for another build", "its turn"]
