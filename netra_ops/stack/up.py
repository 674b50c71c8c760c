"""``netra up``."""

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from netra_ops.errors import DataInUse
from netra_ops.services.postgres import EmbeddedPostgres
from netra_ops.stack import state as state_file
from netra_ops.stack.detach import start_detached, wait_for_start
from netra_ops.stack.display import Display, choose_display
from netra_ops.stack.events import Event
from netra_ops.stack.lock import exclusive, is_held
from netra_ops.stack.options import DEFAULT_PORT, AsJson, DataDir
from netra_ops.stack.paths import StackPaths, stack_paths
from netra_ops.stack.stack_options import StackOptions
from netra_ops.stack.storage import require_storage
from netra_ops.terminal import keep_lines

EXIT_USAGE = 2

EXAMPLES = """Examples:
  netra up                         until Ctrl-C
  netra up --detach && netra chat  in the background
  netra up --port 9090 --data-dir /tmp/second   a second one beside the first
  netra up --fresh --yes           forget all accounts and threads
  DATABASE_URL=postgresql://... REDIS_URL=redis://... netra up   your own servers"""

app = typer.Typer(add_completion=False)


@app.command(epilog=keep_lines(EXAMPLES))
def up(
    *,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the edge.")] = DEFAULT_PORT,
    data_dir: DataDir = None,
    frontend: Annotated[
        bool, typer.Option("--frontend/--no-frontend", help="Build and serve the pages.")
    ] = True,
    fresh: Annotated[bool, typer.Option("--fresh", help="Delete all local data first.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before deleting.")] = False,
    detach: Annotated[
        bool, typer.Option("--detach", "-d", help="Return once everything is ready.")
    ] = False,
    as_json: AsJson = False,
    context: typer.Context,
) -> None:
    """Start PostgreSQL, Valkey, the services, the pages and the edge; Ctrl-C stops everything.

    DATABASE_URL and REDIS_URL, when set, replace the embedded servers. Started twice, it says
    where the first one is, and what differs from this call, and exits 0; with --fresh it refuses
    instead.
    """
    paths = stack_paths(data_dir)
    if fresh:
        _require_stopped(paths)
        _confirm_deletion(paths, yes=yes)
    elif _show_running(paths, as_json=as_json, wanted=_given(context, port, frontend=frontend)):
        return
    options = StackOptions(
        paths,
        port,
        database_url=os.environ.get("DATABASE_URL", ""),
        redis_url=os.environ.get("REDIS_URL", ""),
        frontend=frontend,
    )
    display = choose_display(as_json=as_json)
    try:
        if detach:
            if fresh:
                require_storage(paths)
                with exclusive(paths.lock):
                    delete_data(paths)
            start_detached(options, display)
        else:
            # 0.15 s for the edge's Terraform reader, which --detach leaves to the supervisor.
            from netra_ops.stack.run import run_stack  # noqa: PLC0415

            run_stack(options, display.show, lambda: delete_data(paths) if fresh else None)
    except DataInUse:
        if fresh or not is_held(paths.lock):
            raise
        _wait_for_other(paths, display)  # it was started a moment before this one
    finally:
        display.close()


def delete_data(paths: StackPaths) -> None:
    """Delete what the stack has stored: database, Valkey, keys, logs. Call when nothing runs."""
    EmbeddedPostgres(paths.postgres).remove()
    shutil.rmtree(paths.postgres, ignore_errors=True)
    shutil.rmtree(paths.valkey, ignore_errors=True)
    paths.encryption_key.unlink(missing_ok=True)
    for log in paths.logs.glob("*.log*"):
        log.unlink()


def _require_stopped(paths: StackPaths) -> None:
    """Refuse to continue over a living stack: its data would be deleted, or ``--fresh`` ignored.

    Raises:
        DataInUse: a stack is up on this data directory.
    """
    state = state_file.read_running(paths.state)
    if state is not None:
        raise DataInUse(
            f"--fresh deletes the data of {state.url}, which runs (pid {state.supervisor.pid})",
            remedy="stop it first: netra down",
        )


@dataclass(frozen=True)
class Wanted:
    """What the command line asks for; None where it says nothing."""

    port: int | None = None
    frontend: bool | None = None


def _given(context: typer.Context, port: int, *, frontend: bool) -> Wanted:
    def is_given(name: str) -> bool:
        source = context.get_parameter_source(name)
        return source is not None and source.name == "COMMANDLINE"

    return Wanted(port if is_given("port") else None, frontend if is_given("frontend") else None)


def differences(state: state_file.StackState, wanted: Wanted) -> list[str]:
    """Return how the running stack differs from what the command line asks for."""
    found = []
    port = urlsplit(state.url).port
    if wanted.port is not None and port != wanted.port:
        found.append(f"it listens on port {port}, not {wanted.port}")
    has_frontend = "frontend" in state.parts
    if wanted.frontend is not None and has_frontend != wanted.frontend:
        found.append(f"it runs {'with' if has_frontend else 'without'} the pages")
    return found


def _show_running(paths: StackPaths, *, as_json: bool, wanted: Wanted) -> bool:
    """Say so when a stack is up on this data directory, and how it differs from ``wanted``."""
    state = state_file.read_running(paths.state)
    if state is None:
        return False
    display = choose_display(as_json=True) if as_json else None
    if state.ready and display is not None:
        display.show(
            Event(
                "already_running",
                url=state.url,
                pid=state.supervisor.pid,
                detail="; ".join(differences(state, wanted)),
            )
        )
    elif state.ready:
        sys.stdout.write(f"already running: {state.url} (pid {state.supervisor.pid})\n")
        for difference in differences(state, wanted):
            sys.stdout.write(f"  differs: {difference}\n")
        if differences(state, wanted):
            sys.stdout.write(
                "  -> netra down first, or add --data-dir DIR for a second one beside it\n"
            )
    else:
        sys.stdout.write("" if as_json else f"already starting (pid {state.supervisor.pid})\n")
        _wait_for_other(paths, display or choose_display(as_json=False))
    return True


def _wait_for_other(paths: StackPaths, display: Display) -> None:
    state = state_file.read_running(paths.state)
    if state is None:
        raise DataInUse(
            f"another netra process uses {paths.data_dir}", remedy="try again in a moment"
        )
    try:
        wait_for_start(paths, 0 if state.ready else None, state.supervisor, display)
    finally:
        display.close()


def _confirm_deletion(paths: StackPaths, *, yes: bool) -> None:
    if yes or not _has_data(paths.postgres, paths.valkey):
        return
    question = f"Delete the database, Valkey, keys and logs in {paths.data_dir}?"
    if not sys.stdin.isatty():
        sys.stderr.write(f"netra: {question} Not asked: no terminal.\n  -> add --yes\n")
        raise typer.Exit(EXIT_USAGE)
    typer.confirm(question, abort=True, err=True)


def _has_data(*directories: Path) -> bool:
    return any(directory.exists() for directory in directories)
