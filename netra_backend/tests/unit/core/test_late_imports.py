"""An import after start-up is counted with who did it; each case runs a real interpreter."""

import json
import subprocess
import sys

import pytest

PROGRAM = """
import json, sys
from netra_backend.app.core.late_imports import late_imports
{before}
late_imports.arm()
{after}
late_imports.disarm()
print(json.dumps([[*pair, count] for pair, count in late_imports.seen.items()]))
"""


def run(*, before: str = "", after: str) -> list[list[str | int]]:
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(before=before, after=after)],
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    seen: list[list[str | int]] = json.loads(result.stdout.splitlines()[-1])
    return seen


def test_an_import_after_arming_is_counted_with_its_importer() -> None:
    modules = [row[0] for row in run(after="import wave")]
    assert "wave" in modules


def test_an_import_before_arming_and_a_cached_one_are_not() -> None:
    assert run(before="import wave", after="import wave") == []


def test_a_failing_import_is_counted_too() -> None:
    after = "try:\n    import no_such_module_anywhere\nexcept ImportError:\n    pass"
    assert run(after=after)[0][0] == "no_such_module_anywhere"


@pytest.mark.parametrize("count", [201, 400])
def test_the_number_of_label_pairs_is_bounded(count: int) -> None:
    after = (
        "import contextlib\n"
        f"for number in range({count}):\n"
        "    with contextlib.suppress(ImportError):\n"
        "        __import__(f'absent_{number}')\n"
    )
    rows = run(before="import contextlib", after=after)
    assert len(rows) <= 201
    assert ["other", "other", count - 200] in rows
