import json
from pathlib import Path

import pytest

from netra_ops.deploy.verify.pages import check_open_tabs
from netra_ops.deploy.verify.result import CheckResult
from netra_ops.deploy.verify.subject import Subject
from netra_ops.tests.unit.deploy.file_server import served


def site(folder: Path, *names: str) -> Path:
    folder.mkdir()
    paths = [f"_next/static/chunks/{name}.js" for name in names]
    files = [{"path": path, "bytes": 1, "sha256": "a" * 64} for path in paths]
    (folder / "chunks.json").write_text(json.dumps({"files": files}))
    return folder


async def checked(serving: Path, candidate: Path) -> CheckResult:
    with served(serving) as now, served(candidate) as later:
        return await check_open_tabs(Subject(later, "", "", serving_pages=now))


async def test_a_candidate_has_the_chunks_of_the_pages_that_serve(tmp_path: Path) -> None:
    result = await checked(site(tmp_path / "a", "x"), site(tmp_path / "b", "x", "y"))

    assert not result.failed
    assert result.seen == "all 1"


@pytest.mark.parametrize("names", [("y",), ()])
async def test_an_image_without_them_is_refused(tmp_path: Path, names: tuple[str, ...]) -> None:
    result = await checked(site(tmp_path / "a", "x", "y"), site(tmp_path / "b", *names))

    assert result.failed
    assert f"{2 - len(names)} of 2 absent, such as _next/static/chunks/x.js" in result.seen


async def test_pages_without_a_manifest_ask_for_nothing(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()

    assert not (await checked(tmp_path / "a", site(tmp_path / "b", "x"))).failed
