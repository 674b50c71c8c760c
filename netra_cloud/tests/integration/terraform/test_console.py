"""The evaluator against the real ``terraform console``, where terraform is installed.

One call of terraform evaluates a batch: each expression inside ``try``, all inside ``jsonencode``.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from netra_cloud.terraform.expressions import Scope, evaluate
from netra_cloud.terraform.hcl_source import SyntaxProblem, parse_text
from netra_cloud.terraform.reader import load
from netra_cloud.terraform.values import Value, is_wholly_known
from netra_cloud.tests.integration.terraform.generated_expressions import LOCALS, Generator

HERE = Path(__file__)
CORPUS = HERE.with_name("expressions.txt").read_text(encoding="utf-8").splitlines()
CONSOLE_SECONDS = 120  # 0.5 s on a quiet machine
GENERATED = 600
MAX_UNKNOWN = 0.05
REFUSED = "refused"


class Console:
    """Evaluates expressions with the real terraform."""

    def __init__(self, terraform: str, directory: Path) -> None:
        self._terraform, self._directory = terraform, directory
        (directory / "main.tf").write_text(LOCALS)
        (directory / "terraform.rc").touch()

    def values(self, expressions: Sequence[str]) -> list[Any]:
        """Return the values; ``REFUSED`` for an expression that terraform refuses."""
        if not expressions:
            return []
        inside = ", ".join(f'try(jsonencode([{one}]), "{REFUSED}")' for one in expressions)
        done = subprocess.run(
            [self._terraform, "console"],
            cwd=self._directory,
            env={
                **os.environ,
                "NO_COLOR": "1",
                "CHECKPOINT_DISABLE": "1",
                "TF_CLI_CONFIG_FILE": str(self._directory / "terraform.rc"),
            },
            input=f"jsonencode([{inside}])\n",
            capture_output=True,
            text=True,
            check=False,
            timeout=CONSOLE_SECONDS,
        )
        if done.returncode == 0 and done.stdout.startswith('"'):
            texts = json.loads(json.loads(done.stdout))
            return [one if one == REFUSED else json.loads(one)[0] for one in texts]
        if len(expressions) == 1:
            return [REFUSED]
        half = len(expressions) // 2  # one of them is refused before `try` can run
        return [*self.values(expressions[:half]), *self.values(expressions[half:])]


@pytest.fixture
def console(tmp_path: Path) -> Console:
    program = shutil.which("terraform")
    if program is None:
        pytest.skip("needs terraform on PATH, which no package registry carries")
    return Console(program, tmp_path)


def _ours(expressions: Sequence[str], directory: Path) -> list[Value]:
    names = "".join(f"  e{number} = {one}\n" for number, one in enumerate(expressions))
    outputs = "".join(
        f'resource "google_x_y" "r{number}" {{\n  v = local.e{number}\n}}\n'
        for number in range(len(expressions))
    )
    (directory / "ours").mkdir()
    (directory / "ours" / "main.tf").write_text(f"{LOCALS}\nlocals {{\n{names}}}\n{outputs}")
    configuration = load(directory / "ours")
    assert configuration.problems == []
    by_name = {resource.name: resource.body.get("v") for resource in configuration.resources}
    return [by_name[f"r{number}"] for number in range(len(expressions))]


def _plain(value: Value) -> Any:
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, int | float) and not isinstance(value, bool):
        return ("number", round(float(value), 12))
    return value


def _compare(console: Console, expressions: Sequence[str], directory: Path) -> None:
    theirs = console.values(expressions)
    ours = _ours(expressions, directory)
    wrong: list[str] = []
    unknown: list[str] = []
    accepted = 0
    for expression, expected, found in zip(expressions, theirs, ours, strict=True):
        accepted += expected != REFUSED
        if not is_wholly_known(found):
            if expected != REFUSED:
                unknown.append(expression)
        elif expected == REFUSED or _plain(found) != _plain(expected):
            wrong.append(f"{expression}: terraform {expected!r}, here {found!r}")
    assert not wrong, "\n".join(wrong)
    assert len(unknown) / accepted < MAX_UNKNOWN, unknown


def test_the_corpus_has_terraforms_values(console: Console, tmp_path: Path) -> None:
    with_locals = [one for one in CORPUS if one and "local." not in one]
    _compare(console, [one for one in with_locals if not _is_syntax_error(one)], tmp_path)


def _is_syntax_error(expression: str) -> bool:
    try:
        body = parse_text(f"x = {expression}\n", HERE)
    except SyntaxProblem:
        return True
    evaluate(body.arguments["x"].expression, Scope(HERE.parent))
    return False


@pytest.mark.parametrize("seed", [1, 2])
def test_generated_expressions_have_terraforms_values(
    console: Console, tmp_path: Path, seed: int
) -> None:
    generator = Generator(seed)
    expressions = list(dict.fromkeys(generator.expression() for _ in range(GENERATED // 2)))
    _compare(console, expressions, tmp_path)
