"""What the fixtures leave behind when a test of the browser fails."""

import shutil
import zipfile

import pytest

from test_framework.fixtures.browser import EVIDENCE

CODE = """
async def show(page):
    await page.set_content("<h1>seen</h1><script>console.log('said')</script>")

async def test_assertion(page):
    await show(page)
    assert False, "on purpose"

async def test_uncaught(page):
    await show(page)
    async with page.expect_event("pageerror"):
        await page.evaluate("setTimeout(() => { throw new Error(1) })")
"""


def test_a_failure_keeps_screenshot_trace_and_console(pytester: pytest.Pytester) -> None:
    folders = [
        EVIDENCE / f"tests_unit_test_inner.py_test_{name}" for name in ("assertion", "uncaught")
    ]
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    pytester.makeini("[pytest]\nasyncio_mode = auto\nmarkers = unit: one module")
    pytester.makeconftest('pytest_plugins = ["test_framework.plugin"]')
    inner = pytester.mkpydir("tests") / "unit"
    inner.mkdir()
    (inner / "test_inner.py").write_text(CODE)

    result = pytester.runpytest_subprocess("-q", "-p", "no:hypothesispytest")

    result.assert_outcomes(failed=1, passed=1, errors=1)
    result.stdout.fnmatch_lines(["*uncaught in the page: Error: 1*"])
    for folder in folders:
        assert (folder / "device-1-page-1.png").read_bytes().startswith(b"\x89PNG")
        assert "log: said" in (folder / "console.txt").read_text()
        with zipfile.ZipFile(folder / "device-1.zip") as trace:
            assert "trace.trace" in trace.namelist()
        shutil.rmtree(folder)
