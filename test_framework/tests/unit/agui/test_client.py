"""The stock client must be able to refuse, and builds the messages that a person would see."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from netra_ops.errors import SomethingAbsent
from test_framework.agui.client import AguiClient
from test_framework.agui.install import FOLDER, ensure_installed

STARTED: dict[str, Any] = {
    "type": "RUN_STARTED",
    "threadId": "t",
    "runId": "r",
    "protocolVersion": "1.0",
}
FINISHED: dict[str, Any] = {
    "type": "RUN_FINISHED",
    "threadId": "t",
    "runId": "r",
    "outcome": {"type": "success"},
}
ERROR: dict[str, Any] = {"type": "RUN_ERROR", "message": "m"}
OPEN: dict[str, Any] = {"type": "TEXT_MESSAGE_START", "messageId": "1", "role": "assistant"}
SAY: dict[str, Any] = {"type": "TEXT_MESSAGE_CONTENT", "messageId": "1", "delta": "x"}
CLOSE: dict[str, Any] = {"type": "TEXT_MESSAGE_END", "messageId": "1"}


def wire(events: list[dict[str, Any]]) -> list[bytes]:
    return [json.dumps(event).encode() for event in events]


@pytest.mark.parametrize(
    ("events", "words"),
    [
        ([OPEN], "First event"),
        ([STARTED, SAY], "No active text message"),
        ([STARTED, OPEN, FINISHED], "text messages are still active"),
        ([STARTED, {"type": "NOVELTY"}, FINISHED], "NOVELTY"),
        ([{**STARTED, "novelty": 1}, FINISHED], "novelty"),
        ([STARTED, {**FINISHED, "result": None}], "result"),
    ],
)
def test_broken_streams_are_refused(
    agui_client: AguiClient, events: list[dict[str, Any]], words: str
) -> None:
    reception = agui_client.play(wire(events))
    assert not reception.accepted
    assert words in str(reception.error)
    with pytest.raises(AssertionError, match="refuses the stream"):
        agui_client.expect_accepted(wire(events))


def test_runs_of_one_thread_add_up(agui_client: AguiClient) -> None:
    second: list[dict[str, Any]] = [{**event, "messageId": "2"} for event in (OPEN, SAY, CLOSE)]
    first = [STARTED, OPEN, SAY, CLOSE, OPEN, SAY, CLOSE, FINISHED]
    events: list[dict[str, Any]] = [*first, STARTED, *second, ERROR]
    assert [
        (message["id"], message["content"]) for message in agui_client.expect_accepted(wire(events))
    ] == [("1", "xx"), ("2", "x")]


def test_what_npm_cannot_install_is_reported_with_the_remedy(tmp_path: Path) -> None:
    for name in ("package.json", "package-lock.json"):
        shutil.copy(FOLDER / name, tmp_path)
    (tmp_path / "package-lock.json").write_text("{}")  # a lockfile that locks nothing
    with pytest.raises(SomethingAbsent, match="npm ci failed") as refused:
        ensure_installed(tmp_path)
    assert refused.value.remedy.startswith(f"cd {tmp_path}")
