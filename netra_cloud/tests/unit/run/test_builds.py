"""Content-addressed builds."""

from pathlib import Path

import pytest

from netra_cloud.run.builds import Builds


@pytest.fixture
def source(tmp_path: Path) -> Path:
    tree = tmp_path / "source"
    (tree / "node_modules").mkdir(parents=True)
    (tree / "node_modules" / "big.js").write_text("x")
    (tree / "app.py").write_text("print(1)")
    return tree


def test_the_same_content_has_the_same_digest_and_a_change_another(
    source: Path, tmp_path: Path
) -> None:
    builds = Builds(tmp_path / "builds")
    first = builds.add(name="local/web", directory=source, command=["run"], tag="v1")
    (source / "node_modules" / "big.js").write_text("y")
    assert builds.add(name="local/web", directory=source, command=["run"], tag="v2") == first
    (source / "app.py").write_text("print(2)")
    second = builds.add(name="local/web", directory=source, command=["run"])
    assert second != first
    assert builds.add(name="local/web", directory=source, command=["other"]) != second
    kept = builds.find(first)
    assert kept is not None
    assert (kept.directory / "app.py").read_text() == "print(1)"
    assert not (kept.directory / "node_modules").exists()


def test_references_by_tag_digest_and_default(source: Path, tmp_path: Path) -> None:
    builds = Builds(tmp_path / "builds")
    image = builds.add(name="local/web", directory=source, command=["run"], tag="v1")
    for reference in (image, "local/web:v1", image.replace("@", ":v1@")):
        found = builds.find(reference)
        assert found is not None
        assert found.image == image
    for reference in ("local/web", "local/web:v2", "other:v1", "local/web@sha256:00", "../x:v1"):
        assert builds.find(reference) is None
    assert [one["tag"] for one in builds.all()] == ["v1"]


def test_in_place_runs_the_tree_itself(source: Path, tmp_path: Path) -> None:
    builds = Builds(tmp_path / "builds")
    image = builds.add(name="web", directory=source, command=["run"], in_place=True)
    found = builds.find(image)
    assert found is not None
    assert found.directory == source


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"name": "Web"}, "image name 'Web'"),
        ({"tag": "a b"}, "tag 'a b'"),
        ({"command": []}, "the command is empty"),
        ({"directory": Path("/nowhere")}, "is no directory"),
    ],
)
def test_unusable_builds_are_refused(
    source: Path, tmp_path: Path, arguments: dict[str, object], text: str
) -> None:
    good: dict[str, object] = {"name": "web", "directory": source, "command": ["run"]}
    with pytest.raises(ValueError, match=text):
        Builds(tmp_path / "builds").add(**{**good, **arguments})  # type: ignore[arg-type]
