"""Run as root these move real data out of a closed directory; run as a user there is no need."""

import asyncio
import os
import shutil
from pathlib import Path

import asyncpg
import pytest

from netra_ops.services.postgres import EmbeddedPostgres
from netra_ops.services.unprivileged import (
    SHARED_STATE,
    needed_user,
    reachable_directory,
    reachable_package,
)

pytestmark = pytest.mark.integration

AS_ROOT = os.geteuid() == 0


def test_only_root_needs_another_user() -> None:
    assert (needed_user() is not None) is AS_ROOT


@pytest.fixture
def closed(open_path: Path) -> Path:
    """A data directory that only its owner can reach."""
    (open_path / "closed").mkdir(mode=0o700)
    (open_path / "closed" / "data").mkdir()
    return open_path / "closed" / "data"


async def test_serves_from_a_checkout_that_no_other_user_can_reach(closed: Path) -> None:
    server = EmbeddedPostgres(closed, settings={"fsync": "off"})
    await server.start()
    connection = await asyncpg.connect(server.url)
    assert await connection.fetchval("SELECT 1") == 1
    await connection.close()
    moved = server.cluster.parent != closed
    assert moved is AS_ROOT
    assert (server.cluster.parent / "password").stat().st_mode & 0o077 == 0
    await server.stop()
    again = EmbeddedPostgres(closed, settings={"fsync": "off"})
    await again.start()
    assert again.cluster == server.cluster
    await again.stop()
    await asyncio.to_thread(again.remove)
    assert not server.cluster.exists()
    assert closed.exists()  # noqa: ASYNC240  one stat, in a test


def test_an_open_directory_stays_where_it_is(open_path: Path) -> None:
    user = needed_user()
    if user is not None:
        assert reachable_directory(open_path, user, throwaway=False) == open_path


def test_deleted_data_does_not_come_back(closed: Path) -> None:
    """A new secret must not meet an old database: the substitute belongs to one identity."""
    user = needed_user()
    if user is None:
        # integrity: allow no-early-return: a normal user needs no substitute
        return
    first = reachable_directory(closed, user, throwaway=True)
    assert reachable_directory(closed, user, throwaway=True) == first
    shutil.rmtree(closed)
    closed.mkdir()
    second = reachable_directory(closed, user, throwaway=True)
    assert second != first
    assert (second / "origin").read_text() == f"{closed}\n"
    for path in (first, second):
        shutil.rmtree(path)


def test_a_program_is_copied_with_its_libraries(closed: Path) -> None:
    user = needed_user()
    if user is None:
        # integrity: allow no-early-return: a normal user needs no substitute
        return
    package = closed / f"wheel_{closed.parent.parent.name}"
    program = package / "bin" / "run"
    library = closed / f"{package.name}.libs" / "answer"
    for path in (program, library):
        path.parent.mkdir(parents=True)
    program.write_text('#!/bin/sh\ncat "$(dirname "$0")/../../"*.libs/answer\n')
    program.chmod(0o755)
    library.write_text("42")
    copy = reachable_package(package, "bin/run", user)
    assert copy.is_relative_to(SHARED_STATE)
    assert user.can_execute(copy / "bin" / "run")
    assert reachable_package(package, "bin/run", user) == copy
    shutil.rmtree(copy.parent)
