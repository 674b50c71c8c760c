"""``netra chat`` as a person and as a script use it, on the real platform."""

import asyncio
import json
import os
import pty
import re
import secrets
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from test_framework.platform.model_server import answer_of
from test_framework.platform.stack import Stack

DEADLINE = 90.0  # a command takes 1.5 s on a quiet machine
PASSWORD = "a long passphrase for tests"
ESCAPES = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07]*\x07)")


@dataclass
class Shell:
    """Where ``netra chat`` is called: an account's address and its configuration directory."""

    url: str
    home: Path
    email: str = field(default_factory=lambda: f"{secrets.token_hex(8)}@example.com")

    def arguments(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "netra_ops.cli", "chat", "--url", self.url, *words]

    def environment(self, **more: str) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("NETRA_")}
        return kept | {"XDG_CONFIG_HOME": str(self.home), "TERM": "xterm", **more}

    def run(
        self, *words: str, stdin: str = "", password: str = PASSWORD
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.arguments(*words),
            input=stdin,
            env=self.environment(NETRA_PASSWORD=password),
            capture_output=True,
            text=True,
            timeout=DEADLINE,
            check=False,
        )


@dataclass
class Terminal:
    """A person at a terminal: types, and waits until the screen shows something."""

    process: "subprocess.Popen[bytes]"
    controller: int
    screen: str = ""

    def type(self, text: str) -> None:
        os.write(self.controller, text.encode())

    def until(self, wanted: str) -> None:
        give_up = time.monotonic() + DEADLINE
        while wanted not in self.screen:
            left = max(0.0, give_up - time.monotonic())
            ready, _, _ = select.select([self.controller], [], [], left)
            assert ready, f"{wanted!r} is not in:\n{self.screen}"
            try:
                chunk = os.read(self.controller, 65536)
            except OSError:  # EIO: the other side has closed
                chunk = b""
            assert chunk, f"it ended before {wanted!r}:\n{self.screen}"
            self.screen = ESCAPES.sub("", self.screen + chunk.decode(errors="replace"))

    def forget(self) -> None:
        self.screen = ""


@pytest.fixture
def shell(stack: Stack, tmp_path: Path) -> Shell:
    return Shell(stack.url, tmp_path)


@pytest.fixture
def terminal(shell: Shell) -> Iterator[Terminal]:
    controller, side = pty.openpty()
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "tests.e2e.in_terminal",
            *shell.arguments("--sign-up", "--email", shell.email),
        ],
        stdin=side,
        stdout=side,
        stderr=side,
        env=shell.environment(COLUMNS="100"),
        start_new_session=True,
    )
    os.close(side)
    person = Terminal(process, controller)
    try:
        person.until("at least 15 characters")
        for prompt in ("Password: ", "Password again: "):
            person.until(prompt)
            person.type(f"{PASSWORD}\n")
        person.until("/help lists the commands.")
        yield person
    finally:
        process.kill()
        process.wait()
        os.close(controller)


async def test_a_script_asks_and_gets_only_the_answer(shell: Shell) -> None:
    asked = await asyncio.to_thread(
        shell.run, "--sign-up", "--email", shell.email, "words=3 tool=4413"
    )
    assert (asked.returncode, asked.stdout) == (0, answer_of(3) + "\n")
    assert "calling explain_code" in asked.stderr
    again = await asyncio.to_thread(shell.run, stdin="words=2\n", password="")
    assert (again.returncode, again.stdout) == (0, answer_of(2) + "\n"), "the session was kept"
    stored = list((shell.home / "netra" / "sessions").glob("*.json"))
    assert [file.stat().st_mode & 0o777 for file in stored] == [0o600]

    lines = await asyncio.to_thread(shell.run, "--json", "words=2")
    kinds = [json.loads(line) for line in lines.stdout.splitlines()]
    types = [line["event"]["type"] for line in kinds if line["type"] == "event"]
    assert (types[0], types[-1]) == ("RUN_STARTED", "RUN_FINISHED")

    out = await asyncio.to_thread(shell.run, "--logout")
    assert (out.returncode, out.stdout) == (0, f"Signed out {shell.email}.\n")
    after = await asyncio.to_thread(shell.run, "words=1", password="")
    assert after.returncode == 1
    assert "--token-stdin" in after.stderr


def test_a_wrong_password_is_reported_with_the_remedy(shell: Shell) -> None:
    refused = shell.run("--email", "unregistered@example.com", "hello")
    assert refused.returncode == 1
    assert "--sign-up" in refused.stderr
    assert PASSWORD not in refused.stderr + refused.stdout
    assert "Traceback" not in refused.stderr


def test_a_platform_that_is_not_there_is_reported_with_the_remedy(shell: Shell) -> None:
    absent = Shell("http://127.0.0.1:9", shell.home).run("--email", "a@example.com", "hello")
    assert absent.returncode == 4
    assert "./netra up" in absent.stderr


def test_nothing_to_ask_is_wrong_usage(shell: Shell) -> None:
    assert shell.run().returncode == 2
    assert shell.run("\u200b").returncode == 2


def test_bytes_that_are_not_utf8_are_refused(shell: Shell) -> None:
    refused = subprocess.run(
        shell.arguments("Review this"),
        input=b"caf\xe9",
        env=shell.environment(NETRA_PASSWORD=PASSWORD),
        capture_output=True,
        timeout=DEADLINE,
        check=False,
    )
    assert refused.returncode == 2
    assert b"byte 0xe9 at position 3" in refused.stderr
    assert b"Traceback" not in refused.stderr


def test_a_conversation(terminal: Terminal, tmp_path: Path) -> None:
    assert PASSWORD not in terminal.screen
    terminal.type("words=2 tool=1012\n")
    terminal.until("word-1")
    terminal.until("explain_code")
    terminal.forget()
    terminal.type("/rename Second thoughts\n/threads\n")
    terminal.until("Second thoughts")
    terminal.type("/new\nwords=1\n")
    terminal.until("word-0")
    terminal.type("/threads\n")
    terminal.until("*  1  ")
    terminal.forget()
    terminal.type("/open 2\n")
    terminal.until("Thread: Second thoughts")
    terminal.until("word-1")
    for name in ("plan.md", "plan.json"):
        terminal.type(f"/export {tmp_path / name}\n")
        terminal.until("bytes)")
        terminal.forget()
    assert "## You" in (tmp_path / "plan.md").read_text("utf-8")
    assert len(json.loads((tmp_path / "plan.json").read_text("utf-8"))["runs"]) == 1
    terminal.type(f"/export {tmp_path / 'plan.md'}\n")
    terminal.until("exists.")
    terminal.type("/quit\n")
    assert terminal.process.wait(DEADLINE) == 0


def test_the_first_ctrl_c_stops_the_answer_and_the_second_leaves(terminal: Terminal) -> None:
    terminal.type("words=1000 pace=0.05\n")
    terminal.until("word-3")
    terminal.type("\x03")
    terminal.until("Stopped.")
    terminal.forget()
    terminal.type("words=1000 pace=0.05\n")
    terminal.until("word-3")
    terminal.type("\x03")
    terminal.until("Stopping")
    terminal.type("\x03")
    assert terminal.process.wait(DEADLINE) == 130
