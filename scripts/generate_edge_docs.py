"""Write docs/edge-rules.md and the tables of docs/edge.md and of the stack; `--check` compares."""

import sys
from pathlib import Path

from netra_ops.documentation.edge import fill_edge_page, fill_stack_page
from netra_ops.documentation.edge_rules import rule_index
from netra_ops.documentation.write import write_or_check
from netra_ops.stack_directory import STACK

EDGE_PAGE = Path(__file__).parent.parent / "docs" / "edge.md"
RULES_PAGE = EDGE_PAGE.with_name("edge-rules.md")
STACK_PAGE = STACK / "README.md"


def main() -> int:
    """Return 0 when all are (or were made) up to date, 1 when `--check` finds one is not."""
    wanted = {
        EDGE_PAGE: fill_edge_page(EDGE_PAGE.read_text()),
        RULES_PAGE: rule_index(),
        STACK_PAGE: fill_stack_page(STACK_PAGE.read_text(), STACK),
    }
    return write_or_check(wanted, "scripts/generate_edge_docs.py")


if __name__ == "__main__":
    sys.exit(main())
