"""A disk that is full or cannot be written is said in one line, before anything starts."""

from pathlib import Path

import pytest

from netra_ops.errors import StorageRefused
from netra_ops.stack import storage
from netra_ops.stack.paths import StackPaths


def test_a_read_only_place_is_named(tmp_path: Path) -> None:
    place = Path("/proc/netra")  # no file system is less willing, for root too
    with pytest.raises(StorageRefused) as refusal:
        storage.require_storage(StackPaths(place))
    assert str(place) in refusal.value.detail
    assert "--data-dir" in refusal.value.remedy
    assert list(tmp_path.iterdir()) == []


def test_a_place_with_room_is_prepared(tmp_path: Path) -> None:
    storage.require_storage(StackPaths(tmp_path / "data"))
    assert (tmp_path / "data" / "logs").is_dir()
