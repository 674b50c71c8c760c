"""Every row of the checklist, in the order of ``netra validate``'s report."""

from netra_ops.errors import OperatorError
from netra_ops.validate.row import Row, Suite
from netra_ops.validate.rows import (
    edge,
    golden_path,
    imports,
    operations,
    performance,
    protocol,
    readiness,
    registry,
    testing,
)

ROWS: tuple[Row, ...] = (
    *readiness.ROWS,
    *protocol.ROWS,
    *registry.ROWS,
    *edge.ROWS,
    *testing.ROWS,
    *imports.ROWS,
    *operations.ROWS,
    *golden_path.ROWS,
    *performance.ROWS,
)
SECTIONS = {
    "readiness": "Readiness",
    "protocol": "Protocol",
    "registry": "State registry",
    "edge": "Edge",
    "tests": "Test infrastructure",
    "imports": "Import stability",
    "operations": "Rollback and monitoring",
    "golden-path": "Golden path",
    "performance": "Performance",
}


class UnknownRow(OperatorError):
    """There is no row of that name."""

    code = "unknown_row"
    title = "Unknown row"
    exit_code = 2


def rows_of(suite: Suite) -> list[Row]:
    """Return the rows of a suite."""
    return [row for row in ROWS if suite in row.suites]


def rows_named(names: list[str]) -> list[Row]:
    """Return rows by id; a section's name stands for all of its rows.

    Raises:
        UnknownRow: a name fits no row.
    """
    unknown = [name for name in names if not any(name in {row.id, row.section} for row in ROWS)]
    if unknown:
        raise UnknownRow(
            f"no row is called {', '.join(unknown)}", remedy="see: netra validate --list"
        )
    return [row for row in ROWS if row.id in names or row.section in names]
