"""Shows a conversation on a terminal: Markdown that grows, reasoning dim, tools with timing."""

import time
from collections.abc import Sequence

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.markdown import Markdown
from rich.spinner import Spinner
from rich.text import Text

from netra_client.events import StreamItem
from netra_client.models import Decision, Message
from netra_client.states import Connected, ConnectionState
from netra_client.wire import JsonObject
from netra_ops.chat.notices import describe_decision
from netra_ops.chat.plain_text import one_line, safe, shortened
from netra_ops.chat.presenter import describe
from netra_ops.chat.transcript import Answer, Notice, Piece, Reasoning, ToolDone, Transcript

FRAMES_PER_SECOND = 10
TAIL_LINES = 12  # a growing block is redrawn; more than a screen of it could not be taken back
THOUGHT_CHARACTERS = 200
HISTORY_CHARACTERS = 2000
REASON_CHARACTERS = 500  # as the page allows


class RichPresenter:
    """Draws on a console.

    Args:
        console: of the terminal; Rich honours NO_COLOR.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._transcript = Transcript()
        self._live: Live | None = None
        self._trouble = ""
        self._began = 0.0

    def start(self) -> None:
        """Show that the agent is at work."""
        self._transcript = Transcript()
        self._began = time.monotonic()
        self._live = Live(
            console=self._console,
            get_renderable=self._growing,
            refresh_per_second=FRAMES_PER_SECOND,
            transient=True,
        )
        self._live.start()

    def item(self, item: StreamItem) -> None:
        """Print what is finished; the rest is redrawn."""
        for piece in self._transcript.take(item, time.monotonic()):
            self._print(piece)

    def end(self) -> None:
        """Print what is left and clear the status line."""
        for piece in self._transcript.finish():
            self._print(piece)
        if self._live is not None:
            self._live.stop()
            self._live = None

    def state(self, state: ConnectionState) -> None:
        """Show trouble in the status line while a run is shown, else when it matters."""
        if isinstance(state, Connected):
            if self._trouble and self._live is not None:
                self._console.print(Text("Connected again; nothing was missed.", style="green dim"))
            self._trouble = ""
            return
        if line := describe(state):
            if not self._trouble and self._live is not None:
                # Once for good; what follows changes by the second, in the status line.
                self._console.print(Text(line, style="yellow"))
            self._trouble = line

    def history(self, messages: list[Message]) -> None:
        """Show what was said last."""
        for message in messages:
            text = shortened(safe(message.text), HISTORY_CHARACTERS)
            if message.role == "user":
                self._console.print(Text(f"> {text}", style="bold cyan"))
            elif message.role == "assistant" and text:
                self._console.print(Markdown(text))
        if messages:
            self._console.print()

    def decide(self, interrupts: Sequence[JsonObject]) -> list[JsonObject]:
        """Ask the person; nothing but a yes approves."""
        return [self._answer(interrupt) for interrupt in interrupts]

    def _answer(self, interrupt: JsonObject) -> JsonObject:
        question = safe(str(interrupt.get("message") or "Approve?"))
        self._console.print(Text(question, style="bold yellow"))
        for label, value in self._transcript.fields_of_call(str(interrupt.get("toolCallId"))):
            self._console.print(Text.assemble((f"  {label}: ", "dim"), value))
        approved = self._console.input(Text("[y/N] ")).strip().lower() in {"y", "yes"}
        payload: JsonObject = {"approved": approved}
        if not approved:
            asked = Text("What the agent should know (optional): ")
            if reason := safe(self._console.input(asked).strip())[:REASON_CHARACTERS]:
                payload["reason"] = reason
        return {"interruptId": interrupt["id"], "status": "resolved", "payload": payload}

    def decisions(self, made: Sequence[Decision]) -> None:
        """Show the record of what was decided."""
        for decision in made:
            self._console.print(Text(describe_decision(decision), style="dim"))

    def note(self, text: str) -> None:
        """Print a line."""
        self._console.print(Text(text, style="dim"))

    @property
    def trouble(self) -> str:
        """What is wrong with the connection at present; empty when it is well."""
        return self._trouble

    def _print(self, piece: Piece) -> None:
        match piece:
            case Answer(markdown):
                self._console.print(Markdown(markdown))
                self._console.print()
            case Reasoning(text):
                self._console.print(Text(text, style="dim italic"))
                self._console.print()
            case ToolDone(name, arguments, result, seconds):
                line = Text.assemble(
                    ("⚙ ", "magenta"),
                    (name, "bold magenta"),
                    (f"({arguments})" if arguments else "()", "dim"),
                    (f"  {seconds:.1f} s", "cyan"),
                )
                self._console.print(line)
                if result:
                    self._console.print(
                        Text(f"  {result}", style="dim"), overflow="ellipsis", no_wrap=True
                    )
            case Notice(text, is_error):
                self._console.print(Text(text, style="bold red" if is_error else "yellow"))

    def _growing(self) -> RenderableType:
        parts: list[RenderableType] = []
        if thought := self._transcript.thought:
            parts.append(
                Text(one_line(thought[-THOUGHT_CHARACTERS:], THOUGHT_CHARACTERS), "dim italic")
            )
        if tail := self._transcript.tail:
            parts.append(Markdown("\n".join(tail.splitlines()[-TAIL_LINES:])))
        seconds = time.monotonic() - self._began
        status = self._trouble or f"{self._transcript.doing} … {seconds:.0f} s  (Ctrl-C stops)"
        parts.append(Spinner("dots", Text(status, style="yellow" if self._trouble else "dim")))
        return Group(*parts)
