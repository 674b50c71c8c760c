"""Write docs/configuration.md from the settings classes; `--check` only compares."""

import sys
from pathlib import Path

from auth_service.app.config import AuthSettings
from netra_backend.app.core.config import BackendSettings
from netra_ops.documentation.configuration import render_page
from netra_ops.documentation.write import write_or_check

PAGE = Path(__file__).parent.parent / "docs" / "configuration.md"


def main() -> int:
    """Return 0 when the page is (or was made) up to date, 1 when `--check` finds it is not."""
    text = render_page({"Identity service": AuthSettings, "Backend": BackendSettings})
    return write_or_check({PAGE: text}, "scripts/generate_configuration.py")


if __name__ == "__main__":
    sys.exit(main())
