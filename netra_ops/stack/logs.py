"""``netra logs``."""

import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from netra_ops.errors import SomethingAbsent
from netra_ops.services.log_file import size, tail
from netra_ops.stack.log_lines import as_json, for_people
from netra_ops.stack.options import DataDir
from netra_ops.stack.paths import StackPaths, stack_paths
from netra_ops.terminal import has_colour, keep_lines

POLL_SECONDS = 0.2
READ_BYTES = 256 * 1024

EXAMPLES = """Examples:
  netra logs               the last lines of every part
  netra logs backend -f    follow one part, Ctrl-C ends
  netra logs edge -n 200   the access log
  netra logs | jq -r 'select(.level=="error").message'   piped: one JSON object a line"""

app = typer.Typer(add_completion=False)


@app.command(epilog=keep_lines(EXAMPLES))
def logs(
    part: Annotated[
        str | None,
        typer.Argument(help="postgres, valkey, auth, backend, edge, migrate-auth, netra, ..."),
    ] = None,
    *,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Print new lines too.")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", min=0, help="Past lines.")] = 20,
    data_dir: DataDir = None,
) -> None:
    """Show what the parts have written; works after a crash as well.

    On a terminal: time, level, part, message and the other fields as key=value. Piped: JSON.
    """
    paths = stack_paths(data_dir)
    offsets: dict[Path, int] = {}
    for path in _chosen(paths, part):
        offsets[path] = size(path)
        _print(path, tail(path, lines))
    while follow:
        for path in _chosen(paths, part):
            offsets[path] = _print_new(path, offsets.get(path, 0))
        time.sleep(POLL_SECONDS)


def _chosen(paths: StackPaths, part: str | None) -> list[Path]:
    known = sorted(paths.logs.glob("*.log")) if paths.logs.is_dir() else []
    if part is None:
        if not known:
            raise SomethingAbsent("nothing was ever started here", remedy="start with: netra up")
        return known
    path = paths.log(part)
    if path not in known:
        names = ", ".join(log.stem for log in known) or "none yet"
        raise SomethingAbsent(f"{part} has no log", remedy=f"there are: {names}")
    return [path]


def _print_new(path: Path, offset: int) -> int:
    """Print the whole lines after ``offset``; return where the next call starts."""
    if size(path) < offset:  # it was rotated
        offset = 0
    with path.open("rb") as file:
        file.seek(offset)
        data = file.read(READ_BYTES)
    end = data.rfind(b"\n") + 1
    if end:
        _print(path, data[:end].decode(errors="replace").rstrip("\n"))
    return offset + end


def _print(path: Path, text: str) -> None:
    part, is_terminal = path.stem, sys.stdout.isatty()
    colour = has_colour(sys.stdout)
    sys.stdout.write(
        "".join(
            (for_people(line, part, colour=colour) if is_terminal else as_json(line, part)) + "\n"
            for line in text.splitlines()
        )
    )
    sys.stdout.flush()
