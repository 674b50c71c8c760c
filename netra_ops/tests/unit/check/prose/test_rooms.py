from pathlib import Path

import pytest

from netra_ops.check.prose.rooms import Rooms, load_rooms, room_of


@pytest.mark.parametrize(
    ("path", "room"),
    [
        ("README.md", "."),
        ("netra_shared/errors.py", "netra_shared"),
        ("netra_backend/app/runs/service.py", "netra_backend/app/runs"),
        ("netra_ops/check/runner.py", "netra_ops/check"),
        ("netra_ops/cli.py", "netra_ops"),
    ],
)
def test_a_file_has_a_room(path: str, room: str) -> None:
    assert room_of(path) == room


def test_a_room_is_a_whole_folder_or_file() -> None:
    rooms = Rooms(("netra_shared", "docs/testing.md"))
    assert rooms.enforces("netra_shared/errors.py")
    assert rooms.enforces("docs/testing.md")
    assert not rooms.enforces("netra_shared_other/errors.py")


def test_an_exception_needs_a_reason(tmp_path: Path) -> None:
    file = tmp_path / "rooms.toml"
    file.write_text('enforced = []\n[[allow]]\npath = "a.py"\nword = "away"\nbecause = " "\n')
    with pytest.raises(ValueError, match="exactly path, word, because"):
        load_rooms(file)
    file.write_text(
        'enforced = ["a"]\n[[allow]]\npath = "a.py"\nword = "away"\nbecause = "quote"\n'
    )
    assert load_rooms(file).allowed[0].word == "away"
