"""The packages of the project's own locks, and of odd entries."""

import json
from pathlib import Path

from netra_ops.audit.locks import locked_packages

ROOT = Path(__file__).parents[4]


def test_the_locks_of_the_project_are_read() -> None:
    python, node = locked_packages(ROOT).values()
    assert any(package.startswith("pkg:pypi/fastapi@") for package in python)
    assert any(package.startswith("pkg:npm/react@") for package in node)
    assert not any(package.startswith("pkg:pypi/netra@") for package in python)


def test_scoped_nested_and_linked_packages(tmp_path: Path) -> None:
    (tmp_path / "uv.lock").write_text(
        '[[package]]\nname = "one"\nversion = "1.0+local"\nsource = { registry = "r" }\n'
        '[[package]]\nname = "own"\nversion = "1"\nsource = { editable = "." }\n'
    )
    (tmp_path / "frontend").mkdir()
    packages = {
        "": {"version": "1"},
        "node_modules/@scope/a": {"version": "1.2.3"},
        "node_modules/b/node_modules/c": {"version": "2.0.0"},
        "node_modules/own": {"link": True},
    }
    lock = tmp_path / "frontend" / "package-lock.json"
    lock.write_text(json.dumps({"packages": packages}))
    python, node = locked_packages(tmp_path).values()
    assert python == ["pkg:pypi/one@1.0%2Blocal"]
    assert node == ["pkg:npm/%40scope/a@1.2.3", "pkg:npm/c@2.0.0"]
