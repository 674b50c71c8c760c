"""Fixtures of the tools' tests."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def open_root() -> Iterator[Path]:
    """A directory that every user can pass through; pytest's own is closed to others.

    Run as root, PostgreSQL becomes ``nobody``, who must reach its data.
    """
    path = Path(tempfile.mkdtemp(prefix="netra-test-"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def open_path(open_root: Path) -> Path:
    """A fresh directory below ``open_root`` for one test."""
    path = Path(tempfile.mkdtemp(dir=open_root))
    path.chmod(0o711)
    return path
