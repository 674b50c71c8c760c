"""What is fetched from a site that serves, here a plain file server."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from netra_ops.deploy.build.earlier_chunks import MAX_MANIFEST_BYTES, EarlierChunks
from netra_ops.deploy.errors import DeployFailed
from netra_ops.tests.unit.deploy.file_server import served

NAME = "_next/static/chunks/x.js"
BODY = b"x()"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    (folder / NAME).parent.mkdir(parents=True)
    (folder / NAME).write_bytes(BODY)
    describe(folder)
    return folder


@pytest.fixture
def chunks(site: Path) -> Iterator[EarlierChunks]:
    with served(site) as url:
        yield EarlierChunks(lambda: url)


def describe(site: Path, **changes: object) -> None:
    digest = hashlib.sha256(BODY).hexdigest()
    file = {"path": NAME, "bytes": len(BODY), "sha256": digest} | changes
    manifest = {"digest": "d" * 64, "kept": "", "files": [file]}
    (site / "chunks.json").write_text(json.dumps(manifest))


def fetched(chunks: EarlierChunks, folder: Path) -> str:
    said: list[str] = []
    chunks.fetch(folder, said.append)
    return said[0]


def test_files_come_with_a_manifest_that_dates_them(chunks: EarlierChunks, tmp_path: Path) -> None:
    folder = tmp_path / "earlier"
    folder.mkdir()
    (folder / "left.txt").write_text("of an earlier deploy")

    assert fetched(chunks, folder) == "frontend: keeps 1 chunks of earlier releases, 0 KiB"

    assert (folder / NAME).read_bytes() == BODY
    assert not (folder / "left.txt").exists()
    (file,) = json.loads((folder / "chunks.json").read_text())["files"]
    assert file["path"] == NAME
    assert file["lastReleased"]


@pytest.mark.parametrize("changes", [{"sha256": "0" * 64}, {"bytes": 2}, {"bytes": 4}])
def test_a_file_that_is_not_as_described_fails_the_build(
    site: Path, chunks: EarlierChunks, tmp_path: Path, changes: dict[str, object]
) -> None:
    describe(site, **changes)

    with pytest.raises(DeployFailed, match="not what the manifest describes"):
        fetched(chunks, tmp_path / "earlier")


def test_a_file_that_is_not_served_fails_the_build(
    site: Path, chunks: EarlierChunks, tmp_path: Path
) -> None:
    (site / NAME).unlink()

    with pytest.raises(DeployFailed, match=r"cannot be kept for open tabs.*404"):
        fetched(chunks, tmp_path / "earlier")


@pytest.mark.parametrize(
    ("manifest", "reason"),
    [
        (None, "chunks.json answers 404"),
        ("<html>", "is no manifest"),
        ('{"files": [{"path": "../x", "bytes": 1, "sha256": ""}]}', "is no manifest: files.0.path"),
        (" " * (MAX_MANIFEST_BYTES + 1), "larger than a manifest can be"),
    ],
)
def test_a_site_without_a_manifest_keeps_nothing_and_says_why(
    site: Path, chunks: EarlierChunks, tmp_path: Path, manifest: str | None, reason: str
) -> None:
    (site / "chunks.json").unlink()
    if manifest is not None:
        (site / "chunks.json").write_text(manifest)

    said = fetched(chunks, tmp_path / "earlier")

    assert "no chunks of an earlier release are kept" in said
    assert reason in said
    assert not (tmp_path / "earlier").exists()


def test_without_pages_nothing_is_kept(tmp_path: Path) -> None:
    assert "no address of the pages is known" in fetched(EarlierChunks(), tmp_path / "earlier")
