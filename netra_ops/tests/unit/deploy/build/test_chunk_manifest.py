from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from netra_ops.deploy.build.chunk_manifest import (
    KEPT,
    MAX_KEPT_BYTES,
    ChunkManifest,
    HashedFile,
    image_suffix,
    next_kept,
)

NOW = datetime(2026, 1, 31, tzinfo=UTC)
DIGEST = "d" * 64


def file(name: str, *, size: int = 1, days: float | None = None) -> HashedFile:
    last = None if days is None else NOW - timedelta(days=days)
    path = f"_next/static/chunks/{name}.js"
    return HashedFile(path=path, size=size, sha256="a" * 64, last_released=last)


def names(manifest: ChunkManifest) -> list[str]:
    return [one.path.rpartition("/")[2] for one in manifest.files]


def test_the_serving_release_s_files_are_kept_from_now_and_older_ones_for_seven_days() -> None:
    serving = ChunkManifest(
        digest=DIGEST, files=[file("present"), file("young", days=6.9), file("old", days=7)]
    )

    kept = next_kept(serving, NOW)

    assert names(kept) == ["present.js", "young.js"]
    assert [one.last_released for one in kept.files] == [NOW, NOW - timedelta(days=6.9)]
    assert names(next_kept(kept, NOW + KEPT - timedelta(seconds=1))) == ["present.js"]


def test_the_oldest_files_beyond_the_bound_are_left_out() -> None:
    half = MAX_KEPT_BYTES // 2
    files = [file("b", size=half, days=2), file("c", days=3), file("a", size=half, days=1)]

    assert names(next_kept(ChunkManifest(files=files), NOW)) == ["a.js", "b.js"]


def test_an_image_is_named_by_its_sources_and_what_it_keeps() -> None:
    serving = ChunkManifest(digest=DIGEST, kept="0123456789ab", files=[file("present")])

    assert image_suffix(ChunkManifest(), DIGEST, NOW) == ""
    assert image_suffix(serving, DIGEST, NOW) == "-kept-0123456789ab"  # it serves already
    other = image_suffix(serving, "e" * 64, NOW)
    assert other == image_suffix(serving, "e" * 64, NOW + timedelta(hours=1))
    assert other not in {"", "-kept-0123456789ab"}


@pytest.mark.parametrize(
    "path",
    ["index.html", "../_next/static/x.js", "_next/static/../x.js", "_next/static/.x",
     "_next/static", "_next/static//x.js", "/_next/static/x.js", "_next/static/a\\b.js"],
)  # fmt: skip
def test_names_outside_the_hashed_files_are_refused(path: str) -> None:
    with pytest.raises(ValidationError):
        HashedFile(path=path, size=1, sha256="a" * 64)
