from pathlib import Path

import pytest

from netra_ops.deploy.plan.migrations import breaking_words, read_migration
from netra_ops.stack_directory import STACK

ROOT = STACK.parent


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("ALTER TABLE t DROP COLUMN a", ["drops a column"]),
        ("drop table t", ["drops a table"]),
        ("ALTER TABLE t RENAME COLUMN a TO b", ["renames"]),
        ("ALTER TABLE t ALTER COLUMN a SET NOT NULL", ["set not null"]),
        ("ALTER TABLE t ALTER COLUMN a TYPE bigint", ["type"]),
        (
            "ALTER TABLE t ADD COLUMN a text NOT NULL",
            ["adds column a as NOT NULL without a default"],
        ),
        ("ALTER TABLE t ADD COLUMN a text NOT NULL DEFAULT ''", []),
        ("ALTER TABLE t ADD COLUMN a text", []),
        ("CREATE TABLE t (a text NOT NULL)", []),
        ("COMMENT ON TABLE t IS 'do not DROP TABLE this'", []),
        ("TRUNCATE t", ["truncates"]),
    ],
)
def test_sql_that_can_break_the_former_code_is_named(sql: str, words: list[str]) -> None:
    assert list(breaking_words(sql)) == words


def test_operations_and_constants_of_a_script_are_judged_but_not_its_downgrade(
    tmp_path: Path,
) -> None:
    script = tmp_path / "0009_x.py"
    script.write_text(
        "from alembic import op\n"
        "revision = '0009'\n"
        "_UP = 'ALTER TABLE t RENAME TO u'\n"
        "def upgrade():\n    op.execute(_UP)\n    op.drop_column('t', 'a')\n"
        "def downgrade():\n    op.drop_table('x')\n"
    )

    migration = read_migration("netra", script)

    assert migration.revision == "0009"
    assert sorted(migration.problems) == ["drops a column", "renames"]


@pytest.mark.parametrize(
    "script",
    sorted((ROOT / "netra_backend/app/db/migrations/versions").glob("*.py")),
    ids=lambda path: path.stem,
)
def test_every_migration_of_the_backend_suits_the_release_before_it(script: Path) -> None:
    assert read_migration("netra", script).problems == ()
