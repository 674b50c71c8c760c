"""Lets a command work on the running stack's servers."""

import os
from pathlib import Path
from urllib.parse import quote

from netra_ops.errors import NotRunning, SomethingAbsent
from netra_ops.services.loopback import LOOPBACK
from netra_ops.services.supervisor import PartState
from netra_ops.stack.environment import StackAddresses, shared_environment
from netra_ops.stack.paths import StackPaths, stack_paths
from netra_ops.stack.state import StackState, read_running


def running_stack(paths: StackPaths) -> StackState:
    """Return the state of the stack on ``paths``.

    Raises:
        NotRunning: nothing runs there.
    """
    state = read_running(paths.state)
    if state is None:
        raise NotRunning(f"nothing runs on {paths.data_dir}", remedy="start it with: netra up")
    return state


def local_redis_url() -> str:
    """Return the address of the running stack's Valkey, with its password.

    Raises:
        NotRunning: nothing runs.
    """
    return redis_url_of(running_stack(stack_paths(None)))


def running_environment(paths: StackPaths) -> dict[str, str]:
    """Return the environment variables that the running services have; contains secrets.

    Raises:
        NotRunning: nothing runs there.
        SomethingAbsent: the stack uses an external server whose variable is not set here.
    """
    state = running_stack(paths)
    addresses = StackAddresses(
        database_url=_database_url(state),
        redis_url=redis_url_of(state),
        auth_port=_port(state, "auth"),
        backend_port=_port(state, "backend"),
        edge_port=int(state.url.rpartition(":")[2]),
        encryption_key=paths.encryption_key.read_text().strip(),
    )
    return shared_environment(addresses)


def _database_url(state: StackState) -> str:
    if _is_external(state, "postgres"):
        return _from_shell("DATABASE_URL")
    password = quote(Path(state.database_password_file).read_text().strip(), safe="")
    return f"postgresql://netra:{password}@{LOOPBACK}:{_port(state, 'postgres')}/netra"


def redis_url_of(state: StackState) -> str:
    """Return the address of a stack's Valkey, with its password."""
    if _is_external(state, "valkey"):
        return _from_shell("REDIS_URL")
    password = quote(Path(state.valkey_password_file).read_text().strip(), safe="")
    return f"redis://:{password}@{LOOPBACK}:{_port(state, 'valkey')}/0"


def _is_external(state: StackState, part: str) -> bool:
    record = state.parts.get(part)
    return record is not None and record.state is PartState.EXTERNAL


def _port(state: StackState, part: str) -> int:
    record = state.parts.get(part)
    if record is None or not record.port:
        raise NotRunning(f"{part} is not up yet", remedy="look at: netra status")
    return record.port


def _from_shell(variable: str) -> str:
    value = os.environ.get(variable, "")
    if not value:
        raise SomethingAbsent(
            f"the running stack uses an external server, and {variable} is not set here",
            remedy=f"set {variable} as for netra up",
        )
    return value
