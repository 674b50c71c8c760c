import json
from pathlib import Path

import pytest

from netra_ops.versioning.changelog import project_version
from netra_ops.versioning.command import main

ROOT = Path(__file__).parents[4]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "netra_cloud").mkdir()
    for folder in (tmp_path, tmp_path / "netra_cloud"):
        (folder / "pyproject.toml").write_text('version = "0.2.0"\n')
    (tmp_path / "CHANGELOG.md").write_text("## [Unreleased]\n\n- A thing.\n")
    return tmp_path


def test_prepare_changes_every_file(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(project, ["prepare", "0.3.0"]) == 0
    for folder in (project, project / "netra_cloud"):
        assert 'version = "0.3.0"' in (folder / "pyproject.toml").read_text()
    assert "## [0.3.0] - " in (project / "CHANGELOG.md").read_text()
    assert "git tag -s v0.3.0" in capsys.readouterr().out
    assert main(project, ["notes"]) == 0
    assert capsys.readouterr().out == "- A thing.\n"


@pytest.mark.parametrize("version", ["0.2.0", "next"])
def test_a_refused_release_changes_nothing(
    project: Path, version: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = [path.read_bytes() for path in sorted(project.rglob("*.*"))]
    assert main(project, ["prepare", version]) == 1
    assert "release refused" in capsys.readouterr().err
    assert [path.read_bytes() for path in sorted(project.rglob("*.*"))] == before


def test_the_edge_lint_has_the_version_of_the_platform() -> None:
    files = (ROOT / "pyproject.toml", ROOT / "netra_cloud" / "pyproject.toml")
    versions = {project_version(file.read_text()) for file in files}
    assert len(versions) == 1


def test_this_repository_has_notes_for_its_version() -> None:
    assert main(ROOT, ["notes"]) == 0


def test_the_sbom_lists_the_deployed_packages(tmp_path: Path) -> None:
    assert main(ROOT, ["sbom", str(tmp_path / "sbom.json")]) == 0
    document = json.loads((tmp_path / "sbom.json").read_text())
    assert document["bomFormat"] == "CycloneDX"
    names = {component["name"] for component in document["components"]}
    assert {"fastapi", "argon2-cffi", "ag-ui-protocol"} <= names
    assert "pytest" not in names
