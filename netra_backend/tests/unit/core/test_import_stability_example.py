"""The example of ``docs/import-stability.md`` fails as the page says it does."""

import subprocess
import sys
from pathlib import Path

EXAMPLE = Path(__file__).parents[4] / "docs" / "examples" / "name_not_defined_at_shutdown.py"


def test_a_late_import_at_shutdown_becomes_a_name_error() -> None:
    result = subprocess.run(
        [sys.executable, str(EXAMPLE)], capture_output=True, text=True, check=True, timeout=100
    )
    assert "NameError: name 'statistics' is not defined" in result.stderr
