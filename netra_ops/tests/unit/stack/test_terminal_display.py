import io

from rich.console import Console

from netra_ops.stack.events import Event
from netra_ops.stack.terminal_display import PlainDisplay


def shown(*events: Event) -> list[str]:
    written = io.StringIO()
    display = PlainDisplay(Console(file=written, width=80))
    for event in events:
        display.show(event)
    return [line.strip() for line in written.getvalue().splitlines()]


def test_a_pipe_hears_of_ends_and_of_steps_that_take_long() -> None:
    lines = shown(
        Event("part", "frontend", "starting"),
        Event("part", "frontend", "starting", detail="installing packages (about 60 MB, once)"),
        Event("part", "frontend", "ready", 2.5),
        Event("part", "frontend", "stopped"),
    )
    assert lines == [
        "· frontend           installing packages (about 60 MB, once)",
        "✓ frontend    2.50 s",
    ]
