import subprocess
from pathlib import Path

import pytest

from netra_ops.deploy.build.sources import source_digest, source_files
from netra_ops.errors import SomethingAbsent


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in ("netra_backend/app.py", "netra_backend/tests/test_app.py", "auth_service/app.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    (tmp_path / ".gitignore").write_text("*.pyc\n")
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True, timeout=20)
    return tmp_path


def test_the_same_sources_have_the_same_digest_and_others_another(checkout: Path) -> None:
    before = source_digest(checkout, "backend")
    assert source_digest(checkout, "backend") == before

    (checkout / "netra_backend/app.py").write_text("changed")
    assert source_digest(checkout, "backend") != before


def test_tests_other_services_and_ignored_files_change_no_digest(checkout: Path) -> None:
    before = source_digest(checkout, "backend")

    (checkout / "netra_backend/tests/test_app.py").write_text("changed")
    (checkout / "auth_service/app.py").write_text("changed")
    (checkout / "netra_backend/app.pyc").write_bytes(b"0")

    assert source_digest(checkout, "backend") == before


def test_a_file_that_moved_its_content_is_another_source(checkout: Path) -> None:
    before = source_digest(checkout, "backend")

    (checkout / "netra_backend/app.py").rename(checkout / "netra_backend/moved.py")

    assert source_digest(checkout, "backend") != before
    assert source_files(checkout, ("netra_backend",)) == ["netra_backend/moved.py"]


def test_outside_a_checkout_there_is_no_digest(tmp_path: Path) -> None:
    with pytest.raises(SomethingAbsent, match="no git checkout"):
        source_digest(tmp_path, "backend")
