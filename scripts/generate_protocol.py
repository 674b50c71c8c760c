"""Write the clients' codes and the tables of docs/protocol.md; `--check` only compares."""

import sys
from pathlib import Path

from netra_ops.documentation.protocol import (
    fill_page,
    render_client_codes,
    render_typescript_codes,
)
from netra_ops.documentation.write import write_or_check

ROOT = Path(__file__).parent.parent
CODES = ROOT / "netra_client" / "codes.py"
TYPESCRIPT = ROOT / "frontend" / "src" / "netra-client" / "codes.generated.ts"
PAGE = ROOT / "docs" / "protocol.md"


def main() -> int:
    """Return 0 when all are (or were made) up to date, 1 when `--check` finds one is not."""
    wanted = {
        CODES: render_client_codes(),
        TYPESCRIPT: render_typescript_codes(),
        PAGE: fill_page(PAGE.read_text()),
    }
    return write_or_check(wanted, "scripts/generate_protocol.py")


if __name__ == "__main__":
    sys.exit(main())
