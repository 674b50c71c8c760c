"""Loads the project's pytest plugin for every test folder."""

import sys
from importlib.util import find_spec

import pytest

# One package of each dependency group that the plugin and the tests import.
REQUIRED = ("ag_ui", "argon2", "asyncpg", "hypothesis", "playwright", "pytest_asyncio", "typer")

MINIMUM_PYTEST = (9, 2)  # pytest.ini_options' ``minversion`` would name no remedy

missing = [name for name in REQUIRED if find_spec(name) is None]
if pytest.version_tuple[:2] < MINIMUM_PYTEST:
    missing.insert(0, "pytest 9.2 or later")
if missing:
    raise SystemExit(
        f"netra: {sys.executable} lacks {', '.join(missing)}\n"
        f"  -> run: ./netra pytest {' '.join(sys.argv[1:])}"
    )

pytest_plugins = ["test_framework.plugin"]
