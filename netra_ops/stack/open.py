"""``netra open``."""

import sys
import webbrowser
from typing import Annotated

import typer

from netra_ops.errors import NotRunning
from netra_ops.stack import state as state_file
from netra_ops.stack.options import DataDir
from netra_ops.stack.paths import stack_paths
from netra_ops.terminal import keep_lines

EXAMPLES = """Examples:
  netra open               the chat page
  netra open /operations   another page
  netra open --print       its address only"""

app = typer.Typer(add_completion=False)


@app.command("open", epilog=keep_lines(EXAMPLES))
def open_page(
    page: Annotated[str, typer.Argument(help="Path of the page.")] = "/",
    *,
    only_print: Annotated[
        bool, typer.Option("--print", help="Print the address, open nothing.")
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Open the running platform in the browser, and print the address.

    The address is also what to copy where no browser can be opened.
    """
    paths = stack_paths(data_dir)
    state = state_file.read_running(paths.state)
    if state is None:
        raise NotRunning(f"nothing runs on {paths.data_dir}", remedy="start it with: netra up")
    address = f"{state.url}/{page.lstrip('/')}"
    sys.stdout.write(f"{address}\n")
    if not only_print and not webbrowser.open(address):
        sys.stderr.write("netra: no browser was found; open the address yourself\n")
