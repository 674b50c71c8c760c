"""What the fixtures leave behind when a test of the browser fails."""

import shutil
import zipfile

import pytest

from test_framework.fixtures.browser import EVIDENCE

FAILING = """
async def test_{name}(page):
    await page.set_content("<h1>seen</h1><script>console.log('said')</script>")
    {last_line}
"""


@pytest.mark.parametrize(
    ("name", "last_line", "counts"),
    [
        ("a_failed_assertion", "assert False, 'on purpose'", {"failed": 1}),
        (
            "an_uncaught_error",
            (
                "async with page.expect_event('pageerror'):\n"
                "        await page.evaluate('setTimeout(() => { throw new Error(1) })')"
            ),
            {"passed": 1, "errors": 1},
        ),
    ],
)
def test_a_failure_keeps_screenshot_trace_and_console(
    pytester: pytest.Pytester, name: str, last_line: str, counts: dict[str, int]
) -> None:
    folder = EVIDENCE / f"tests_unit_test_inner.py_test_{name}"
    shutil.rmtree(folder, ignore_errors=True)
    pytester.makeini("[pytest]\nasyncio_mode = auto\nmarkers = unit: one module")
    pytester.makeconftest('pytest_plugins = ["test_framework.plugin"]')
    inner = pytester.mkpydir("tests") / "unit"
    inner.mkdir()
    (inner / "test_inner.py").write_text(FAILING.format(name=name, last_line=last_line))

    pytester.runpytest_subprocess("-q").assert_outcomes(**counts)

    assert (folder / "device-1-page-1.png").read_bytes().startswith(b"\x89PNG")
    assert "log: said" in (folder / "console.txt").read_text()
    with zipfile.ZipFile(folder / "device-1.zip") as trace:
        assert "trace.trace" in trace.namelist()
    shutil.rmtree(folder)
