"""``python -m benchmarks``: the gateway beside its peers."""

import os
import platform
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
import uvloop
from rich.console import Console
from rich.markdown import Markdown

from benchmarks.contestants import BY_NAME, PEERS
from benchmarks.report import as_json, as_markdown
from benchmarks.run import WORKS, run
from test_framework.agui.install import ensure_installed

app = typer.Typer(add_completion=False, rich_markup_mode="rich")
_EPILOG = """Examples:

  python -m benchmarks                            everything, about five minutes
  python -m benchmarks --work echo --rounds 1     a quick look
  python -m benchmarks -c ws -c gateway --json    two contestants, for a machine
"""


@app.command(epilog=_EPILOG)
def main(
    work: Annotated[
        list[str] | None,
        typer.Option("--work", "-w", help=f"What to measure: {', '.join(WORKS)}. [all]"),
    ] = None,
    contestant: Annotated[
        list[str] | None,
        typer.Option("--contestant", "-c", help=f"Who takes part: {', '.join(BY_NAME)}. [all]"),
    ] = None,
    rounds: Annotated[int, typer.Option(min=1, max=50, help="Turns of each contestant.")] = 3,
    seconds: Annotated[float, typer.Option(min=0.2, max=60, help="Length of one turn.")] = 1.5,
    sockets: Annotated[
        int, typer.Option(min=10, max=5000, help="Sockets of a broadcast, and of memory.")
    ] = 1000,
    json: Annotated[bool, typer.Option("--json", help="Write JSON to standard output.")] = False,
    output: Annotated[
        Path | None, typer.Option(help="Folder for results.json and results.md.")
    ] = None,
) -> None:
    """Measure the gateway beside bare servers, all in one run.

    Every server is pinned to one core, the load generator to another; contestants take turns in
    every round. What is compared is CPU time per operation of the server's process tree, which a
    noisy machine disturbs least; wall rates stand beside it. Exit status: 0 done, 2 bad option,
    3 something is absent.
    """
    console = Console(stderr=True)
    works = _known(work, WORKS, "--work")
    names = _known(contestant, BY_NAME, "--contestant")
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    if not cores:
        console.print("Linux is needed: CPU time per thread is read from /proc.")
        raise typer.Exit(3)
    if len(cores) > 1:
        os.sched_setaffinity(0, set(cores[1:]))
    else:
        console.print("One core only: servers and generator share it; wall rates mean nothing.")
    if any(BY_NAME[name].kind[0] == "node" for name in names):
        with console.status("installing the peers of npm (once)"):
            ensure_installed(PEERS)
    with console.status("starting") as status:
        results = uvloop.run(
            run(
                [BY_NAME[name] for name in names],
                works,
                rounds=rounds,
                seconds=seconds,
                crowd=sockets,
                core=cores[0],
                progress=status.update,
            )
        )
    conditions = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": platform.platform(),
        "python": platform.python_version(),
        "cores": len(cores),
        "rounds": rounds,
        "seconds": seconds,
        "sockets": sockets,
    }
    markdown = as_markdown(results, works, names)
    if output is not None:
        output.mkdir(parents=True, exist_ok=True)
        (output / "results.json").write_text(as_json(results, conditions))
        (output / "results.md").write_text(markdown)
    if json:
        sys.stdout.write(as_json(results, conditions))
    elif sys.stdout.isatty():
        Console().print(Markdown(markdown))
    else:
        sys.stdout.write(markdown)


def _known(chosen: list[str] | None, known: Iterable[str], option: str) -> list[str]:
    """Return the choice in the order of the tables.

    Raises:
        typer.BadParameter: a name that is not known.
    """
    names = list(known)
    for name in chosen or ():
        if name not in names:
            raise typer.BadParameter(f"{name!r} is none of {', '.join(names)}", param_hint=option)
    return [name for name in names if not chosen or name in chosen]


if __name__ == "__main__":
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
