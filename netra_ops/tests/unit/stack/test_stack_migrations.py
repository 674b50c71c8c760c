from pathlib import Path

import pytest

from netra_ops.stack.migrations import DIRECTORIES, digest, is_current, stamp

pytestmark = pytest.mark.unit


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for directory in DIRECTORIES:
        (tmp_path / directory).mkdir(parents=True)
        (tmp_path / directory / "0001_first.py").write_text("revision = '0001'\n")
    (tmp_path / "cluster").mkdir()
    (tmp_path / "cluster" / "PG_VERSION").write_text("18\n")
    return tmp_path


@pytest.mark.parametrize("directory", DIRECTORIES)
def test_a_new_or_changed_migration_must_run(checkout: Path, directory: str) -> None:
    before = digest(checkout)
    (checkout / directory / "0002_second.py").write_text("revision = '0002'\n")
    added = digest(checkout)
    (checkout / directory / "0001_first.py").write_text("revision = '0001' # changed\n")
    assert len({before, added, digest(checkout)}) == 3


def test_a_new_cluster_is_not_taken_for_the_old_one(checkout: Path) -> None:
    cluster = checkout / "cluster"
    mark = checkout / "migrated"
    assert not is_current(mark, stamp(checkout, cluster))
    mark.write_text(stamp(checkout, cluster))
    assert is_current(mark, stamp(checkout, cluster))
    replacement = cluster / "replacement"
    replacement.write_text("18\n")
    replacement.rename(cluster / "PG_VERSION")
    assert not is_current(mark, stamp(checkout, cluster))


def test_the_directories_exist_in_this_checkout() -> None:
    root = Path(__file__).parents[4]
    assert all((root / directory).is_dir() for directory in DIRECTORIES)
