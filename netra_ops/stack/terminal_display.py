"""Shows a start to a person: live on a terminal, line by line in a pipe."""

import time

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from netra_ops.stack.events import Event

MARKS = {
    "starting": ("·", "dim"),
    "ready": ("✓", "green"),
    "done": ("✓", "green"),
    "skipped": ("·", "dim"),
    "external": ("✓", "cyan"),
    "failed": ("✗", "red"),
    "restarting": ("↻", "yellow"),
    "stopped": ("·", "dim"),
}
ENDS = MARKS.keys() - {"starting", "stopped"}
MIN_REPORTED_SECONDS = 0.05  # a start that was refused had nothing to stop
STEPS = ("postgres", "valkey", "migrations", "auth", "backend", "frontend", "edge")


def terminal_display() -> "PlainDisplay | LiveDisplay":
    """Return the display that fits stdout; NO_COLOR is respected by Rich."""
    console = Console(highlight=False)
    return LiveDisplay(console) if console.is_terminal else PlainDisplay(console)


class PlainDisplay:
    """One line for each thing that was finished or went wrong."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def show(self, event: Event) -> None:
        """Write the event if it is worth a line: an end, or a step that takes long."""
        is_step = event.state == "starting" and event.detail
        if event.event == "part" and (is_step or event.state in ENDS):
            self._console.print(_line(event))
        else:
            _announce(self._console, event)

    def close(self) -> None:
        """Nothing to leave."""


class LiveDisplay:
    """A table that is redrawn while parts start; afterwards one line per event."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._latest: dict[str, Event] = {}
        self._begun: dict[str, float] = {}
        self._live: Live | None = Live(
            get_renderable=self._table, console=console, refresh_per_second=12
        )
        self._live.start()

    def show(self, event: Event) -> None:
        """Update the table, or write a line once it is complete."""
        if event.event == "part" and self._live is not None:
            self._latest[event.part] = event
            self._begun.setdefault(event.part, time.monotonic())
            return
        self.close()
        if event.event == "part":
            if event.state not in {"stopped", "starting"}:
                self._console.print(_line(event))
            return
        _announce(self._console, event)

    def close(self) -> None:
        """Draw the table a last time and let it stand."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _table(self) -> Table:
        table = Table.grid(padding=(0, 1))
        # A step that only failures have, such as frontend-build, gets its row when it fails.
        for name in dict.fromkeys((*STEPS, *self._latest)):
            event = self._latest.get(name)
            if event is None:
                table.add_row(Text(" "), Text(name, style="dim"), "", "")
            elif event.state == "starting":
                waited = time.monotonic() - self._begun[name]
                table.add_row(
                    Spinner("dots"),
                    Text(name),
                    Text(f"{waited:5.1f} s", style="dim"),
                    Text(event.detail, style="dim"),
                )
            else:
                mark, style = MARKS.get(event.state, (" ", ""))
                table.add_row(Text(mark, style=style), Text(name), _took(event), _detail(event))
        return table


def _line(event: Event) -> Text:
    mark, style = MARKS.get(event.state, (" ", ""))
    line = Text.assemble((mark, style), " ", f"{event.part:<10}", " ", _took(event), " ")
    line.append_text(_detail(event))
    return line


def _took(event: Event) -> Text:
    return Text(f"{event.seconds:5.2f} s" if event.seconds else " " * 7, style="dim")


def _detail(event: Event) -> Text:
    shown = event.detail or ("" if event.state in {"ready", "done"} else event.state)
    return Text(shown, style="red" if event.state in {"failed", "restarting"} else "dim")


def _announce(console: Console, event: Event) -> None:
    if event.event == "ready":
        console.print(
            Text.assemble(
                "Netra is ready in ", (f"{event.seconds:.1f} s", "bold"), ": ",
                (event.url, "bold underline"),
            )
        )  # fmt: skip
    elif event.event == "failed" and event.log_tail:
        console.print(Text("last lines of its log:", style="dim"))
        console.print(Text(event.log_tail, style="dim"))
    elif event.event == "stopping":
        console.print(Text("stopping ...", style="dim"))
    elif event.event == "stopped" and event.seconds >= MIN_REPORTED_SECONDS:
        console.print(Text(f"stopped in {event.seconds:.1f} s", style="dim"))
