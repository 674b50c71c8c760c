"""No replaced network, database or clock of a real dependency."""

import ast
from collections.abc import Iterator

from test_framework.integrity.finding import NAMED_ESCAPE, Hit, Rule
from test_framework.integrity.names import dotted, imported_names
from test_framework.integrity.source import FunctionNode, Source

FAKES = ("unittest.mock", "mock", "pytest_mock", "fakeredis", "respx", "responses", "requests_mock")
FAKE_FIXTURES = frozenset({"mocker", "respx_mock", "httpx_mock", "requests_mock"})
FAKE_TRANSPORTS = frozenset({"httpx.MockTransport"})
# What must not be patched: whoever talks to the outside, in libraries and in this project.
GUARDED = (
    "asyncio.open_connection", "asyncio.create_connection", "asyncio.start_server", "asyncpg",
    "http", "httpx", "netra_shared.stores.database", "netra_shared.stores.valkey",
    "redis", "requests", "select", "smtplib", "socket", "sqlalchemy", "ssl", "subprocess", "urllib",
    "uvicorn", "websockets",
)  # fmt: skip
PATCHING = frozenset({"setattr", "delattr", "setitem", "delitem"})


def _check(source: Source) -> Iterator[Hit]:
    names = imported_names(source)
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from _imports(node)
        elif isinstance(node, FunctionNode):
            for argument in (*node.args.args, *node.args.kwonlyargs):
                if argument.arg in FAKE_FIXTURES:
                    yield argument, f"uses the fixture {argument.arg}, which replaces real things"
        elif isinstance(node, ast.Call):
            if dotted(node.func, names) in FAKE_TRANSPORTS:
                yield node, f"{dotted(node.func, names)} answers instead of a server"
            else:
                yield from _patches(node, names)


def _imports(node: ast.Import | ast.ImportFrom) -> Iterator[Hit]:
    if isinstance(node, ast.Import):
        modules = [alias.name for alias in node.names]
    else:
        modules = [f"{node.module}.{alias.name}" for alias in node.names]
    for module in modules:
        for fake in FAKES:
            if module == fake or module.startswith(f"{fake}."):
                yield node, f"imports {module}; use the real thing (fixtures: docs/testing.md)"


def _patches(call: ast.Call, names: dict[str, str]) -> Iterator[Hit]:
    function = call.func
    if not (isinstance(function, ast.Attribute) and function.attr in PATCHING and call.args):
        return
    if "monkeypatch" not in dotted(function.value, names).lower():
        return
    first = call.args[0]
    if isinstance(first, ast.Constant) and isinstance(first.value, str):
        target = first.value
    else:
        target = dotted(first, names)
        if len(call.args) > 1 and isinstance(call.args[1], ast.Constant):
            target = f"{target}.{call.args[1].value!s}"
    for guarded in GUARDED:
        if target == guarded or target.startswith(f"{guarded}."):
            yield call, f"patches {target}; network and database are never replaced"


RULE = Rule(
    name="no-mock",
    why="A test against a stand-in proves the stand-in. What broke in production was always the "
    "real thing: a timeout, a half-closed socket, a lock.",
    blind_spot="Hand-written stand-ins that are passed as arguments, and patches of an object "
    "that only at run time turns out to be a connection.",
    escape=NAMED_ESCAPE,
    check=_check,
)
