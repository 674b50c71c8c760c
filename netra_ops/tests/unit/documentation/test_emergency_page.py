"""The emergency page: each command exists under its name, with each option that is typed."""

import argparse
import importlib
import re
import shlex
from typing import Any

import pytest
import typer

from netra_ops.cli import COMMANDS
from test_framework.project import PROJECT_ROOT

PAGE = PROJECT_ROOT / "docs/runbook/emergency.md"
_IMPORT = re.compile(r"from (netra_ops[\w.]*) import (\w+)", re.MULTILINE)


def commands() -> list[str]:
    """Return every command of the page's console blocks."""
    blocks = re.findall(r"```console\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    return [line[2:] for block in blocks for line in block.splitlines() if line.startswith("$ ")]


def options_of(module: Any, sub: list[str]) -> set[str]:
    """Return the options that a command module takes."""
    if hasattr(module, "app"):
        found: Any = typer.main.get_command(module.app)
        for name in sub:
            if name in getattr(found, "commands", {}):
                found = found.commands[name]
        return {option for parameter in found.params for option in parameter.opts}
    parser: argparse.ArgumentParser = next(
        getattr(module, name)() for name in ("_parser", "parser") if hasattr(module, name)
    )
    return set(parser._option_string_actions)


def module_of(words: list[str]) -> Any:
    """Return the module of ``netra NAME`` or of a script."""
    if words[0].startswith("./scripts/"):
        assert 'netra" validate' in (PROJECT_ROOT / words[0]).read_text("utf-8")
        return importlib.import_module(COMMANDS["validate"][0])
    if words[0] == "netra":
        return importlib.import_module(COMMANDS[words[1]][0])
    assert words[0] == "python", words
    text = (PROJECT_ROOT / words[1]).read_text("utf-8")
    [name] = [module for module, name in _IMPORT.findall(text) if name in {"app", "main"}]
    return importlib.import_module(name)


@pytest.mark.parametrize("command", commands())
def test_the_command_and_its_options_exist(command: str) -> None:
    words = shlex.split(command, comments=True)
    typed = {word.partition("=")[0] for word in words if word.startswith("--")}
    assert typed <= options_of(module_of(words), words[2:]), command


def test_the_page_has_the_parts_of_an_emergency() -> None:
    text = PAGE.read_text("utf-8")
    headings = re.findall(r"^## (.*)$", text, re.MULTILINE)
    wanted = {
        "Find the facts",
        "Roll back",
        "Prove it",
        "Communicate",
        "Escalate",
        "Record deviations",
    }
    assert wanted <= set(headings)
    assert len(commands()) >= 10
