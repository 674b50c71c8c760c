"""The test's own verifier refuses what AG-UI clients refuse: it must be able to fail."""

import json
from typing import Any

import pytest

from netra_backend.tests.unit.runs.verifier import StreamRefused, verified

STARTED = {"type": "RUN_STARTED", "threadId": "t", "runId": "r", "protocolVersion": "1.0"}
FINISHED = {"type": "RUN_FINISHED", "threadId": "t", "runId": "r"}
ERROR = {"type": "RUN_ERROR", "message": "m"}
OPEN = {"type": "TEXT_MESSAGE_START", "messageId": "1", "role": "assistant"}
SAY = {"type": "TEXT_MESSAGE_CONTENT", "messageId": "1", "delta": "x"}
CLOSE = {"type": "TEXT_MESSAGE_END", "messageId": "1"}
CALL = {"type": "TOOL_CALL_START", "toolCallId": "c", "toolCallName": "n"}
BRANCH = {"type": "SUBAGENT_STARTED", "subagentRunId": "s", "name": "n"}
BRANCH_END = {"type": "SUBAGENT_FINISHED", "subagentRunId": "s"}


@pytest.mark.parametrize(
    "stream",
    [
        [OPEN],
        [FINISHED],
        [STARTED, STARTED],
        [STARTED, FINISHED, FINISHED],
        [STARTED, ERROR, ERROR],
        [STARTED, FINISHED, ERROR],
        [STARTED, FINISHED, OPEN],
        [STARTED, SAY],
        [STARTED, CLOSE],
        [STARTED, OPEN, OPEN],
        [STARTED, OPEN, CLOSE, SAY],
        [STARTED, OPEN, FINISHED],
        [STARTED, CALL, FINISHED],
        [STARTED, BRANCH, FINISHED],
        [STARTED, BRANCH, BRANCH_END, BRANCH],
        [STARTED, {**FINISHED, "runId": "other"}],
        [{key: value for key, value in STARTED.items() if key != "protocolVersion"}],
        [STARTED, {**FINISHED, "outcome": None}],
    ],
)
def test_broken_streams_are_refused(stream: list[dict[str, Any]]) -> None:
    with pytest.raises(StreamRefused):
        verified([json.dumps(event).encode() for event in stream])


@pytest.mark.parametrize(
    "stream",
    [
        [ERROR],
        [STARTED, FINISHED, STARTED, ERROR, STARTED, FINISHED],
        [STARTED, OPEN, SAY, CLOSE, OPEN, CLOSE, FINISHED],
        [STARTED, OPEN, ERROR],
        [STARTED, BRANCH, BRANCH_END, FINISHED],
    ],
)
def test_sound_streams_are_accepted(stream: list[dict[str, Any]]) -> None:
    assert len(verified([json.dumps(event).encode() for event in stream])) == len(stream)
