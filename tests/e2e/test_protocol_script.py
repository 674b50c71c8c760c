"""``scripts/test_websocket_protocol.py`` on the real platform."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from netra_ops.stack.paths import project_root
from test_framework.platform.stack import Stack

DEADLINE = 120.0


def probe(*words: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    kept = {k: v for k, v in os.environ.items() if not k.startswith("NETRA_")}
    return subprocess.run(
        [sys.executable, "scripts/test_websocket_protocol.py", "--environment", "local", *words],
        cwd=project_root(),
        env=kept | variables,
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
    )


def handshakes(stack: Stack, *words: str) -> tuple[int, dict[str, Any]]:
    finished = probe("--url", stack.url, "--json", *words)
    report = json.loads(finished.stdout)
    assert report["passed"] is (finished.returncode == 0)
    return finished.returncode, report["handshakes"]


def test_a_bad_token_is_refused_as_documented_and_that_is_a_pass(stack: Stack) -> None:
    status, made = handshakes(stack, "--protocol", "jwt-auth,jwt.test-token")
    assert status == 0
    assert {part["verdict"] for part in made.values()} == {"refused_as_documented"}
    assert "HTTP 401 token_invalid" in made["as a program"]["steps"][-1]["detail"]
    assert "closed 4401" in made["as a browser"]["steps"][-1]["detail"]


def test_without_an_offer_it_signs_in_and_expects_success(stack: Stack) -> None:
    status, made = handshakes(stack)
    assert status == 0
    assert {part["verdict"] for part in made.values()} == {"accepted"}
    assert made["as a program"]["steps"][-1]["detail"] == "1000 normal"


@pytest.mark.parametrize("words", [["--protocol", "jwt-auth,jwt.x"], []])
def test_a_network_failure_is_reported_apart(words: list[str]) -> None:
    finished = probe("--url", "http://127.0.0.1:9", *words)
    assert finished.returncode == 1
    assert "./netra up" in finished.stdout + finished.stderr


def test_the_steps_are_shown_without_the_token(stack: Stack) -> None:
    finished = probe("--url", stack.url, "--protocol", "jwt-auth,jwt.secret-token")
    assert "PASSED" in finished.stdout
    assert "secret-token" not in finished.stdout + finished.stderr
