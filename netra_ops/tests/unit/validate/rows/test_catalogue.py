"""The catalogue: ids, suites, and a self-test for every row."""

import pytest

from netra_ops.tests.unit.validate.rows import (
    test_edge,
    test_golden_path,
    test_imports,
    test_operations,
    test_performance,
    test_protocol,
    test_readiness,
    test_registry,
    test_testing,
)
from netra_ops.validate.row import Suite
from netra_ops.validate.rows.catalogue import ROWS, SECTIONS, UnknownRow, rows_named, rows_of

SELF_TESTS = (
    test_readiness,
    test_protocol,
    test_registry,
    test_edge,
    test_testing,
    test_imports,
    test_operations,
    test_golden_path,
    test_performance,
)


def test_every_row_has_a_self_test_in_which_its_system_is_broken() -> None:
    broken = [name for module in SELF_TESTS for name in module.BREAKS]
    assert sorted(broken) == sorted(row.id for row in ROWS)


def test_every_row_has_a_section_a_suite_and_its_own_id() -> None:
    assert len({row.id for row in ROWS}) == len(ROWS)
    assert {row.section for row in ROWS} == set(SECTIONS)
    assert all(row.suites for row in ROWS)


def test_full_contains_quick() -> None:
    assert set(rows_of(Suite.QUICK)) < set(rows_of(Suite.FULL))


def test_rows_are_named_by_id_or_section() -> None:
    assert [row.id for row in rows_named(["tests.ci"])] == ["tests.ci"]
    assert {row.section for row in rows_named(["edge"])} == {"edge"}
    with pytest.raises(UnknownRow, match=r"edge\.nothing"):
        rows_named(["edge.nothing"])
