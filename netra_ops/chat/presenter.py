"""The three ways to show a conversation: on a terminal, as plain text, as JSON lines."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Protocol, TextIO

import msgspec

from netra_client.errors import NetraClientError
from netra_client.events import StreamItem, StreamReset, ThreadEvent
from netra_client.models import Message
from netra_client.states import Closed, Connected, Connecting, ConnectionState, Leaving, Waiting
from netra_client.wire import JsonObject
from netra_ops.chat.notices import notice_of, waiting_of
from netra_ops.chat.plain_text import one_line, safe

CAUSE_CHARACTERS = 120


class Presenter(Protocol):
    """Shows one run after the other; called from one thread."""

    def start(self) -> None:
        """A run starts."""

    def item(self, item: StreamItem) -> None:
        """An event or a reset arrived."""

    def end(self) -> None:
        """The run is over, or is not read any further."""

    def state(self, state: ConnectionState) -> None:
        """The connection changed."""

    def history(self, messages: list[Message]) -> None:
        """A thread was opened that has these newest messages."""

    def decide(self, interrupts: Sequence[JsonObject]) -> list[JsonObject]:
        """Return the person's answers to AG-UI interrupts; empty when no one can be asked."""

    def note(self, text: str) -> None:
        """Say something about the program itself."""


def describe(state: ConnectionState) -> str:
    """Return one line for a change of the connection; empty when it is the expected one."""
    match state:
        case Waiting(seconds, cause):
            why = one_line(cause.message, CAUSE_CHARACTERS)
            return f"Connection lost ({why}); reconnecting in {seconds:.1f} s"
        case Leaving("draining", _):
            return "The server restarts; moving to another instance"
        case Connected() | Connecting() | Closed() | Leaving():
            return ""


class PlainPresenter:
    """The answer's text to ``out``, everything else to ``err``: for pipes and files."""

    def __init__(self, out: TextIO = sys.stdout, err: TextIO = sys.stderr) -> None:
        self._out, self._err = out, err
        self._last_character = ""

    def start(self) -> None:
        """A run starts."""
        self._last_character = ""

    def item(self, item: StreamItem) -> None:
        """Write text as it arrives."""
        if isinstance(item, StreamReset):
            self._replay(item)
        elif item.type == "TEXT_MESSAGE_CONTENT":
            self._write(safe(str(item.event.get("delta", ""))))
        elif item.type == "TEXT_MESSAGE_END":
            self.end()
        elif item.type == "TOOL_CALL_START":
            self.note(f"calling {one_line(str(item.event.get('toolCallName')), 60)}")
        elif item.type == "RUN_ERROR":
            self.note(one_line(str(item.event.get("message", "The run failed")), 500))
        elif waiting := waiting_of(item):
            self.note(f"{waiting} (Ctrl-C stops)")
        elif notice := notice_of(item):
            self.end()
            self.note(notice)

    def end(self) -> None:
        """End the last line."""
        if self._last_character not in {"", "\n"}:
            self._write("\n")

    def state(self, state: ConnectionState) -> None:
        """Report trouble only."""
        if line := describe(state):
            self.note(line)

    def history(self, messages: list[Message]) -> None:
        """Nothing: what was said before is not this answer."""

    def decide(self, interrupts: Sequence[JsonObject]) -> list[JsonObject]:
        """Report that a person has to decide; no one can be asked here."""
        for interrupt in interrupts:
            self.note(f"Waits for approval: {safe(str(interrupt.get('message', '')))}")
        return []

    def note(self, text: str) -> None:
        """Write a line to ``err``."""
        self._err.write(f"netra: {text}\n")
        self._err.flush()

    def _replay(self, reset: StreamReset) -> None:
        self.note(f"the stream was lost ({reset.reason}); the answer starts again")
        self.end()
        if reset.active_run_id is None and reset.messages:
            self._write(safe(reset.messages[-1].text))

    def _write(self, text: str) -> None:
        self._last_character = (self._last_character + text)[-1:]
        self._out.write(text)
        self._out.flush()


class JsonPresenter:
    """One JSON object a line: ``event``, ``reset`` and ``connection``."""

    def __init__(self, out: TextIO = sys.stdout) -> None:
        self._out = out

    def start(self) -> None:
        """Nothing to write."""

    def item(self, item: StreamItem) -> None:
        """Write the item with its place in the order."""
        if isinstance(item, ThreadEvent):
            self._line(
                "event",
                {
                    "threadId": str(item.thread_id),
                    "runId": str(item.run_id),
                    "epoch": item.position.epoch,
                    "offset": item.position.offset,
                    "event": item.event,
                },
            )
        else:
            self._line("reset", msgspec.to_builtins(item))

    def end(self) -> None:
        """Nothing to write."""

    def state(self, state: ConnectionState) -> None:
        """Write every change of the connection."""
        if isinstance(state, Waiting):
            members = {"seconds": round(state.seconds, 3), **_of_error(state.cause)}
        elif isinstance(state, Closed):
            members = {} if state.error is None else _of_error(state.error)
        else:
            members = {_camel(name): value for name, value in asdict(state).items()}
        self._line("connection", {"state": type(state).__name__.lower(), **members})

    def history(self, messages: list[Message]) -> None:
        """Write the messages that the thread starts with."""
        self._line("history", {"messages": msgspec.to_builtins(messages)})

    def decide(self, interrupts: Sequence[JsonObject]) -> list[JsonObject]:
        """Leave it to the reader: the run's last event has the interrupts."""
        del interrupts
        return []

    def note(self, text: str) -> None:
        """Write it as a line of its own type, so that a reader can skip it."""
        self._line("note", {"text": text})

    def _line(self, kind: str, members: dict[str, object]) -> None:
        self._out.write(json.dumps({"type": kind, **members}, ensure_ascii=False) + "\n")
        self._out.flush()


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _of_error(error: NetraClientError) -> dict[str, object]:
    return {"code": error.code, "retry": error.retry.value, "message": error.message}
