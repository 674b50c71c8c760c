"""An import after start-up is counted with who did it; each case runs a real interpreter."""

import json
import subprocess
import sys

import pytest

PROGRAM = """
import importlib, importlib.util, json, sys, threading
from prometheus_client import REGISTRY
from netra_shared.runtime.late_imports import late_imports
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
        timeout=120,
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


def test_an_import_by_name_is_counted_with_the_packages_above_it() -> None:
    """The audit event misses ``importlib.import_module``; the finder does not."""
    rows = run(after="importlib.import_module('dbm.dumb')")
    assert ["dbm", "__main__", 1] in rows
    assert ["dbm.dumb", "__main__", 1] in rows


def test_a_statement_is_counted_once() -> None:
    assert [row[2] for row in run(after="import tabnanny") if row[0] == "tabnanny"] == [1]


def test_an_import_on_another_thread_is_counted() -> None:
    after = (
        "thread = threading.Thread(target=importlib.import_module, args=('wave',))\n"
        "thread.start()\nthread.join()\n"
    )
    assert ["wave", "threading", 1] in run(after=after)


def test_who_only_looks_does_not_import() -> None:
    assert run(after="importlib.util.find_spec('wave')") == []


def test_what_is_imported_while_disarmed_is_not_counted() -> None:
    after = "late_imports.disarm()\nimport wave\nlate_imports.arm()"
    assert run(after=after) == []


def test_one_record_with_the_stack_and_one_sample() -> None:
    after = (
        "def handler():\n    import wave\n"
        "handler()\n"
        "print(REGISTRY.get_sample_value('late_imports_total',"
        " {'module': 'wave', 'importer': '__main__'}))\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(before="", after=after)],
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    (record,) = [line for line in result.stdout.splitlines() if "module=wave" in line]
    assert "late import" in record
    assert " handler" in record
    assert "1.0" in result.stdout.splitlines()


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
