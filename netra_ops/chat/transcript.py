"""From AG-UI events to what a terminal shows, without I/O."""

from dataclasses import dataclass, field
from typing import Any

from netra_client.events import StreamItem, StreamReset, ThreadEvent
from netra_ops.chat.blocks import MarkdownBlocks
from netra_ops.chat.call_fields import fields_of
from netra_ops.chat.notices import notice_of, waiting_of
from netra_ops.chat.plain_text import one_line, safe

ARGUMENT_CHARACTERS = 60
RESULT_CHARACTERS = 100


@dataclass(frozen=True)
class Answer:
    """A finished block of the answer, Markdown."""

    markdown: str


@dataclass(frozen=True)
class Reasoning:
    """What the model thought before it answered."""

    text: str


@dataclass(frozen=True)
class ToolDone:
    """A tool call with its result; ``seconds`` from its start to its result."""

    name: str
    arguments: str
    result: str
    seconds: float


@dataclass(frozen=True)
class Notice:
    """One line about what happened; ``is_error`` when it went wrong."""

    text: str
    is_error: bool = False


Piece = Answer | Reasoning | ToolDone | Notice


@dataclass
class _Tool:
    name: str
    started: float
    arguments: str = ""


@dataclass
class Transcript:
    """Takes the items of one run.

    Attributes:
        tail: Markdown of the answer that is still growing.
        doing: what the agent does at present, for a status line.
    """

    doing: str = "waiting for the agent"
    _blocks: MarkdownBlocks = field(default_factory=MarkdownBlocks)
    _reasoning: str = ""
    _tools: dict[str, _Tool] = field(default_factory=dict)

    @property
    def tail(self) -> str:
        """Markdown that is still growing."""
        return self._blocks.tail

    @property
    def thought(self) -> str:
        """Reasoning that is still growing."""
        return self._reasoning

    def take(self, item: StreamItem, now: float) -> list[Piece]:
        """Return what the item finishes; ``now`` in seconds of any steady clock."""
        if isinstance(item, StreamReset):
            return self._reset(item)
        handler = getattr(self, f"_on_{item.type.lower()}", None)
        return handler(item, now) if handler else []

    def fields_of_call(self, call_id: str) -> list[tuple[str, str]]:
        """Return the labelled lines of a call that has no result yet; none for an unknown one."""
        tool = self._tools.get(call_id)
        return fields_of(tool.name, tool.arguments) if tool else []

    def finish(self) -> list[Piece]:
        """Return what is left, however the run ended."""
        return [*self._flush_reasoning(), *(Answer(text) for text in self._blocks.finish())]

    def _reset(self, reset: StreamReset) -> list[Piece]:
        self._blocks, self._reasoning, self._tools = MarkdownBlocks(), "", {}
        shown: list[Piece] = [
            Notice(f"The stream was lost ({reset.reason}); shown from the start:")
        ]
        last = reset.messages[-1:] if reset.active_run_id is None else ()
        shown += [Answer(safe(m.text)) for m in last if m.role == "assistant" and m.text]
        return shown

    def _on_run_started(self, _item: ThreadEvent, _now: float) -> list[Piece]:
        self.doing = "thinking"
        return []

    def _on_text_message_content(self, item: ThreadEvent, _now: float) -> list[Piece]:
        self.doing = "answering"
        blocks = self._blocks.feed(safe(str(item.event.get("delta", ""))))
        return [*self._flush_reasoning(), *(Answer(block) for block in blocks)]

    def _on_text_message_end(self, _item: ThreadEvent, _now: float) -> list[Piece]:
        self.doing = "thinking"
        return [Answer(block) for block in self._blocks.finish()]

    def _on_reasoning_message_content(self, item: ThreadEvent, _now: float) -> list[Piece]:
        self.doing = "reasoning"
        self._reasoning += safe(str(item.event.get("delta", "")))
        return []

    def _on_reasoning_message_end(self, _item: ThreadEvent, _now: float) -> list[Piece]:
        return self._flush_reasoning()

    def _on_tool_call_start(self, item: ThreadEvent, now: float) -> list[Piece]:
        name = one_line(str(item.event.get("toolCallName", "tool")), ARGUMENT_CHARACTERS)
        # A model may go back to a call that it had left: then more of its arguments follow.
        self._tools.setdefault(str(item.event.get("toolCallId")), _Tool(name, now))
        self.doing = f"calling {name}"
        return self._flush_reasoning()

    def _on_tool_call_args(self, item: ThreadEvent, _now: float) -> list[Piece]:
        if tool := self._tools.get(str(item.event.get("toolCallId"))):
            tool.arguments += str(item.event.get("delta", ""))
        return []

    def _on_tool_call_result(self, item: ThreadEvent, now: float) -> list[Piece]:
        tool = self._tools.pop(str(item.event.get("toolCallId")), None)
        self.doing = "thinking"
        if tool is None:
            return []
        return [
            ToolDone(
                tool.name,
                one_line(tool.arguments, ARGUMENT_CHARACTERS),
                one_line(_as_text(item.event.get("content")), RESULT_CHARACTERS),
                now - tool.started,
            )
        ]

    def _on_custom(self, item: ThreadEvent, _now: float) -> list[Piece]:
        if waiting := waiting_of(item):
            self.doing = waiting
        if not item.void_messages:
            return [Notice(text)] if (text := notice_of(item)) else []
        # What is on the screen stays there; what is growing is shown again.
        self._blocks, self._reasoning = MarkdownBlocks(), ""
        return [Notice("Another instance took over and starts the last part again:")]

    def _on_run_finished(self, item: ThreadEvent, _now: float) -> list[Piece]:
        outcome = item.event.get("outcome")
        kind = outcome.get("type") if isinstance(outcome, dict) else outcome
        text = "Stopped." if kind == "cancelled" else notice_of(item)
        return [*self.finish(), *([Notice(text)] if text else [])]

    def _on_run_error(self, item: ThreadEvent, _now: float) -> list[Piece]:
        message = one_line(str(item.event.get("message", "The run failed")), 500)
        code = item.event.get("code")
        return [*self.finish(), Notice(f"{message} ({code})" if code else message, is_error=True)]

    def _flush_reasoning(self) -> list[Piece]:
        text, self._reasoning = self._reasoning.strip(), ""
        return [Reasoning(text)] if text else []


def _as_text(content: Any) -> str:
    if isinstance(content, list):
        return " ".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return str(content or "")
