"""A corpus of awkward files: what must be restored, what must be left alone, byte for byte."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from test_framework.decorator_restore import IMPORT, restore, restore_file
from test_framework.project import PROJECT_ROOT

HEAD = f"import pytest\n{IMPORT}\n\n"
D = "@require_docker_services()"

RESTORED = {
    "plain": (f"# {D}\ndef test_x(): ...\n", f"{D}\ndef test_x(): ...\n"),
    "no space": (f"#{D}\ndef test_x(): ...\n", f"{D}\ndef test_x(): ...\n"),
    "many hashes and tabs": (f"##\t {D}\ndef test_x(): ...\n", f"{D}\ndef test_x(): ...\n"),
    "space inside": (
        "# @ require_docker_services ()\ndef test_x(): ...\n",
        f"{D}\ndef test_x(): ...\n",
    ),
    "no parentheses": (
        "# @require_docker_services\ndef test_x(): ...\n",
        f"{D}\ndef test_x(): ...\n",
    ),
    "trailing remark": (
        f"# {D}  # flaky in CI\ndef test_x(): ...\n",
        f"{D}\ndef test_x(): ...\n",
    ),
    "remark with a dash": (
        f"# {D} - TODO bring back\ndef test_x(): ...\n",
        f"{D}\ndef test_x(): ...\n",
    ),
    "temporarily": (
        f"# {D} TEMPORARILY DISABLED\nasync def test_x(): ...\n",
        f"{D}\nasync def test_x(): ...\n",
    ),
    "above another decorator": (
        f"# {D}\n@pytest.mark.slow\ndef test_x(): ...\n",
        f"{D}\n@pytest.mark.slow\ndef test_x(): ...\n",
    ),
    "below another decorator": (
        f"@pytest.mark.slow\n# {D}\ndef test_x(): ...\n",
        f"@pytest.mark.slow\n{D}\ndef test_x(): ...\n",
    ),
    "class": (f"# {D}\nclass TestX: ...\n", f"{D}\nclass TestX: ...\n"),
    "method": (
        f"class TestX:\n    # {D}\n    def test_x(self): ...\n",
        f"class TestX:\n    {D}\n    def test_x(self): ...\n",
    ),
    "comment at another indentation": (
        f"class TestX:\n# {D}\n    def test_x(self): ...\n",
        f"class TestX:\n    {D}\n    def test_x(self): ...\n",
    ),
    "tabs": (
        f"class TestX:\n\t# {D}\n\tdef test_x(self): ...\n",
        f"class TestX:\n\t{D}\n\tdef test_x(self): ...\n",
    ),
    "arguments": (
        "# @require_docker_services('redis', wait=(1, 2))\ndef test_x(): ...\n",
        "@require_docker_services('redis', wait=(1, 2))\ndef test_x(): ...\n",
    ),
    "arguments over lines": (
        "# @require_docker_services(\n#     'redis',\n# )\ndef test_x(): ...\n",
        "@require_docker_services(\n    'redis',\n)\ndef test_x(): ...\n",
    ),
    "blank lines and comments between": (
        f"# {D}\n\n# why\ndef test_x(): ...\n",
        f"{D}\n\n# why\ndef test_x(): ...\n",
    ),
    "two in a file": (
        f"# {D}\ndef test_x(): ...\n\n# {D}\ndef test_y(): ...\n",
        f"{D}\ndef test_x(): ...\n\n{D}\ndef test_y(): ...\n",
    ),
    "dotted": (
        "# @services.require_docker_services()\ndef test_x(): ...\n",
        "@services.require_docker_services()\ndef test_x(): ...\n",
    ),
    "no newline at the end": (f"# {D}\ndef test_x(): ...", f"{D}\ndef test_x(): ..."),
    "last of a nested block": (
        f"if x:\n    class TestX:\n        # {D}\n        def test_x(self): ...\ny = 1\n",
        f"if x:\n    class TestX:\n        {D}\n        def test_x(self): ...\ny = 1\n",
    ),
}
LEFT_ALONE = {
    "prose": f"# {D} is restored by the script\ndef test_x(): ...\n",
    "prose that starts otherwise": f"# Use {D}\ndef test_x(): ...\n",
    "string": f"TEXT = '''\n# {D}\ndef test_x(): ...\n'''\n",
    "docstring": f'def test_x():\n    """\n    # {D}\n    """\n',
    "behind code": f"x = 1  # {D}\ndef test_x(): ...\n",
    "above a statement": f"# {D}\nx = 1\n",
    "at the end": f"x = 1\n# {D}\n",
    "another name": "# @require_docker_services_soon()\ndef test_x(): ...\n",
    "present already": f"# {D}\n{D}\ndef test_x(): ...\n",
    "present below": f"# {D}\n@pytest.mark.slow\n{D}\ndef test_x(): ...\n",
    "unfinished": "# @require_docker_services(\ndef test_x(): ...\n",
    "no code in the arguments": "# @require_docker_services(see the docs)\ndef test_x(): ...\n",
    "inside a function": f"def test_x():\n    # {D}\n    return 1\n",
    "nothing": "",
}


@pytest.mark.parametrize(("before", "after"), RESTORED.values(), ids=RESTORED)
def test_it_is_restored(before: str, after: str) -> None:
    outcome = restore(HEAD + before)
    assert outcome.text == HEAD + after
    assert outcome.decorators
    assert restore(outcome.text).text == outcome.text, "a second run changes nothing"


@pytest.mark.parametrize("text", LEFT_ALONE.values(), ids=LEFT_ALONE)
def test_it_is_left_alone(text: str) -> None:
    outcome = restore(HEAD + text)
    assert outcome.text == HEAD + text
    assert not outcome.decorators


@given(st.lists(st.sampled_from([*RESTORED, *LEFT_ALONE]), max_size=6), st.booleans())
def test_any_mixture_keeps_every_other_byte(
    names: list[str],
    windows: bool,  # noqa: FBT001  # hypothesis argument
) -> None:
    names = [name for name in names if name not in {"no newline at the end", "docstring"}]
    befores = [RESTORED[n][0] if n in RESTORED else LEFT_ALONE[n] for n in names]
    afters = [RESTORED[n][1] if n in RESTORED else LEFT_ALONE[n] for n in names]
    end = "\r\n" if windows else "\n"
    before = (HEAD + "\n".join(befores) + "end = 1\n").replace("\n", end)
    after = (HEAD + "\n".join(afters) + "end = 1\n").replace("\n", end)
    if not any(name in {"at the end", "above a statement"} for name in names):
        assert restore(before).text == after


def test_a_missing_import_is_added_after_the_others() -> None:
    code = f'"""Tests."""\n\nimport os\n\n# {D}\ndef test_x(): ...\n'
    outcome = restore(code)
    assert outcome.import_line == IMPORT
    assert outcome.text == f'"""Tests."""\n\nimport os\n{IMPORT}\n\n{D}\ndef test_x(): ...\n'


def test_a_commented_out_import_is_restored() -> None:
    code = f"# {IMPORT}\n\n# {D}\ndef test_x(): ...\n"
    assert restore(code).text == f"{IMPORT}\n\n{D}\ndef test_x(): ...\n"


@pytest.mark.parametrize(
    "raw",
    [
        b"\xef\xbb\xbf" + (HEAD + f"# {D}\ndef test_x(): 'caf\u00e9'\n").encode(),
        ("# coding: latin-1\n" + HEAD + f"# {D}\ndef test_x(): 'caf\u00e9'\n").encode("latin-1"),
        (HEAD + f"# {D}\ndef test_x(): ...\n").replace("\n", "\r\n").encode(),
    ],
    ids=["byte order mark", "latin-1", "windows line ends"],
)
def test_encoding_and_line_ends_stay(tmp_path: Path, raw: bytes) -> None:
    file = tmp_path / "test_x.py"
    file.write_bytes(raw)
    restore_file(file, write=True)
    assert file.read_bytes() == raw.replace(f"# {D}".encode(), D.encode())


def test_the_script_reports_restores_once_and_checks(tmp_path: Path) -> None:
    good, broken = tmp_path / "test_good.py", tmp_path / "test_broken.py"
    good.write_text(HEAD + f"# {D}  # slow\ndef test_x(): ...\n")

    def script(*arguments: str | Path) -> tuple[int, str, str]:
        finished = subprocess.run(
            [sys.executable, "scripts/restore_test_decorators.py", *arguments],
            cwd=PROJECT_ROOT,
            env={**os.environ, "PYTHONPATH": str(PROJECT_ROOT)},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        return finished.returncode, finished.stdout, finished.stderr

    status, said, _ = script("--check", tmp_path)
    assert (status, "1 decorator(s) to restore" in said) == (1, True)
    assert f"# {D}" in good.read_text(), "--check writes nothing"
    status, said, _ = script(tmp_path)
    assert status == 0
    assert f"test_good.py:4: {D}  (was: # slow)" in said
    assert script("--check", tmp_path)[0] == 0
    broken.write_text(f"# {D}\ndef test_x(:\n")
    status, _, complaint = script(tmp_path)
    assert status == 2
    assert "test_broken.py: not touched" in complaint
    assert script(tmp_path / "absent")[0] == 2
