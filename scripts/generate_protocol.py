"""Write the clients' codes and the tables of docs/protocol.md; `--check` only compares."""

import sys
from pathlib import Path

from netra_ops.documentation.protocol import (
    fill_page,
    render_client_codes,
    render_typescript_codes,
)

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
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text() != text]
    if "--check" not in sys.argv[1:]:
        for path in stale:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted[path])
        return 0
    for path in stale:
        print(f"{path} is out of date; run python scripts/generate_protocol.py")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
