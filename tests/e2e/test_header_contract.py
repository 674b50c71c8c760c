"""``scripts/check_header_contract.py`` on the real platform, and around its edge."""

import json
import os
import subprocess
import sys

import httpx
import pytest

from netra_ops.edge.contract.check import Target, check
from netra_ops.stack.paths import DATA_DIR_VARIABLE, project_root
from test_framework.platform.people import Person
from test_framework.platform.stack import Stack

DEADLINE = 120.0


def run(stack: Stack, *words: str) -> "subprocess.CompletedProcess[str]":
    kept = {k: v for k, v in os.environ.items() if not k.startswith("NETRA_")}
    return subprocess.run(
        [sys.executable, "scripts/check_header_contract.py", "--environment", "local", *words],
        cwd=project_root(),
        env=kept | {DATA_DIR_VARIABLE: str(stack.paths.data_dir)},
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
    )


def test_the_contract_holds_and_nothing_was_left_out(stack: Stack) -> None:
    finished = run(stack, "--json")
    report = json.loads(finished.stdout)
    broken = [row for row in report["rows"] if row["passed"] is not True]
    assert not broken, "\n".join(str(row) for row in broken)
    assert finished.returncode == 0
    tried = {(row["group"], row["door"]) for row in report["rows"]}
    both = ("forwarded", "added", "odd case", "forgery", "hop by hop", "addresses", "size")
    assert {(group, door) for group in both for door in ("request", "handshake")} <= tried
    assert {("subprotocol", "handshake"), ("around the edge", "request")} <= tried


async def test_without_the_edge_the_check_fails(stack: Stack, person: Person) -> None:
    backend = stack.state().parts["backend"].port
    target = Target(f"http://127.0.0.1:{backend}", stack.url, person.token)
    broken = {(row.group, row.name) async for row in check(target) if row.passed is False}
    assert ("forgery", "x-netra-user-id") in broken
    assert ("forgery", "x-netra-client-ip") in broken
    assert ("added", "x-netra-client-ip") in broken
    assert ("hop by hop", "proxy-authorization") in broken
    assert ("addresses", "x-forwarded-for") in broken
    assert ("forwarded", "Authorization") not in broken


@pytest.mark.parametrize(("words", "status"), [(["--url", "http://127.0.0.1:9"], 1), (["-x"], 2)])
def test_what_cannot_be_asked_is_reported_in_a_line(
    stack: Stack, words: list[str], status: int
) -> None:
    finished = run(stack, *words)
    assert finished.returncode == status
    assert "Traceback" not in finished.stderr
    assert finished.stderr


@pytest.mark.parametrize("token", [None, "a.b.c"])
async def test_a_stranger_learns_nothing(stack: Stack, token: str | None) -> None:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with httpx.AsyncClient(base_url=stack.url, timeout=DEADLINE) as client:
        answer = await client.get("/api/headers", headers=headers)
    assert answer.status_code == httpx.codes.UNAUTHORIZED
    assert answer.json()["code"] == ("token_invalid" if token else "credential_missing")
