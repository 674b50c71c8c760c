"""What the scripts declare is read without running them, and agrees with Alembic."""

from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from netra_shared.stores.schema_revisions import read_revisions

PROJECT = Path(__file__).parents[4]


def write(folder: Path, name: str, text: str) -> None:
    (folder / f"{name}.py").write_text(text)


@pytest.mark.parametrize("service", ["netra_backend/app/db", "auth_service/app"])
def test_the_real_scripts_are_read_as_alembic_reads_them(service: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(PROJECT / service / "migrations"))
    scripts = ScriptDirectory.from_config(config)
    read = read_revisions(PROJECT / service / "migrations" / "versions", "any")
    assert read.head == scripts.get_current_head()
    assert read.known == {script.revision for script in scripts.walk_revisions()}


def test_the_head_is_the_one_that_none_follows(tmp_path: Path) -> None:
    write(tmp_path, "b", 'revision: str = "0002"  # newest\ndown_revision: str | None = "0001"\n')
    write(tmp_path, "a", 'revision = "0001"\ndown_revision = None\nraise SystemExit\n')
    read = read_revisions(tmp_path, "sample")
    assert read.head == "0002"
    assert read.known == {"0001", "0002"}


@pytest.mark.parametrize(
    ("second", "reason"),
    [
        ('revision = "0002"\ndown_revision = None\n', "2 heads"),
        ('revision = "0002"\n', "must assign"),
    ],
)
def test_what_cannot_be_right_is_refused(tmp_path: Path, second: str, reason: str) -> None:
    write(tmp_path, "a", 'revision = "0001"\ndown_revision = None\n')
    write(tmp_path, "b", second)
    with pytest.raises(ValueError, match=reason):
        read_revisions(tmp_path, "sample")


def test_an_empty_folder_has_no_head(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="0 heads"):
        read_revisions(tmp_path, "sample")
