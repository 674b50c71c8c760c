"""``netra up`` that only starts a supervisor, or finds one, does not load what supervisors need."""

import subprocess
import sys

import pytest

HEAVY = ("lark", "hcl2", "rich", "psutil", "asyncpg", "sqlalchemy", "fastapi", "pydantic_ai")


@pytest.mark.parametrize("module", ["netra_ops.cli", "netra_ops.stack.up", "netra_ops.stack.down"])
def test_a_command_loads_nothing_heavy(module: str) -> None:
    program = f"import sys, {module}\nprint(*(name for name in {HEAVY} if name in sys.modules))"
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120
    )
    assert result.stdout.split() == []
