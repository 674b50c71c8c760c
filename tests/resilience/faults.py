"""Ways in which Valkey and PostgreSQL fail, each with its end."""

import os
import resource
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from redis.asyncio import Redis

from tests.resilience.stack import Stack, signal_family

Action = Callable[[Stack], Awaitable[None]]

# Larger than Valkey's log and smaller than the snapshot of the ballast.
DISK_BYTES = 256 * 1024
BALLAST_BYTES = 4 * DISK_BYTES
SLOW_SECONDS = 2.9
OTHER_PASSWORD = "another password"


@dataclass(frozen=True)
class Fault:
    """A fault by name: how it begins and how it ends."""

    name: str
    begin: Action
    end: Action


async def _send_valkey(stack: Stack, number: signal.Signals) -> None:
    os.kill(stack.valkey.pid, number)


async def _send_postgres(stack: Stack, number: signal.Signals) -> None:
    signal_family(stack.postgres.pid, number)


async def _change_valkey_password(stack: Stack) -> None:
    async with Redis.from_url(stack.valkey.url) as client:
        await client.config_set("requirepass", OTHER_PASSWORD)
        # Sessions that are authenticated stay so; a rotated password meets new ones.
        await client.client_kill_filter(_type="normal", skipme=True)


async def _restore_valkey_password(stack: Stack) -> None:
    original = (stack.valkey.data_dir / "password").read_text().strip()
    # The URL's password would win over the argument.
    async with Redis(port=stack.valkey.port, password=OTHER_PASSWORD) as client:
        await client.config_set("requirepass", original)


async def _fill_valkey_disk(stack: Stack) -> None:
    """Let no file of the server grow: its snapshot fails and it refuses writes (MISCONF).

    The limit works for root and for anybody else, needs no mount, and makes the server itself
    say what it says on a full disk.
    """
    async with Redis.from_url(stack.valkey.url) as client:
        await client.set("ballast", os.urandom(BALLAST_BYTES))
        await client.config_set("save", "3600 1")
        _, hard = resource.prlimit(stack.valkey.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(stack.valkey.pid, resource.RLIMIT_FSIZE, (DISK_BYTES, hard))
        await client.bgsave()


async def _clear_valkey_disk(stack: Stack) -> None:
    _, hard = resource.prlimit(stack.valkey.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(stack.valkey.pid, resource.RLIMIT_FSIZE, (hard, hard))
    async with Redis.from_url(stack.valkey.url) as client:
        await client.bgsave()


async def _forget_name(stack: Stack) -> None:
    stack.hosts.write_text("127.0.0.1 localhost\n")
    stack.to_valkey.reset_connections()  # what is connected needs no name


async def _know_name(stack: Stack) -> None:
    stack.hosts.write_text(f"127.0.0.1 localhost {stack.valkey_name}\n")


async def _change_postgres_password(stack: Stack) -> None:
    await stack.alter_role(f"PASSWORD '{OTHER_PASSWORD}'")
    await stack.end_sessions()


async def _restore_postgres_password(stack: Stack) -> None:
    await stack.alter_role(f"PASSWORD '{stack.role_password}'")


async def _make_postgres_read_only(stack: Stack) -> None:
    """Do what managed PostgreSQL does when its disk is full."""
    await stack.alter_role("SET default_transaction_read_only = on")
    await stack.end_sessions()


async def _make_postgres_writable(stack: Stack) -> None:
    await stack.alter_role("RESET default_transaction_read_only")
    await stack.end_sessions()


VALKEY_FAULTS = [
    Fault("valkey-refused", lambda s: s.to_valkey.refuse(), lambda s: s.to_valkey.forward()),
    Fault("valkey-black-hole", lambda s: s.to_valkey.black_hole(), lambda s: s.to_valkey.forward()),
    Fault("valkey-silent", lambda s: s.to_valkey.silent(), lambda s: s.to_valkey.forward()),
    Fault(
        "valkey-sigstop",
        lambda s: _send_valkey(s, signal.SIGSTOP),
        lambda s: _send_valkey(s, signal.SIGCONT),
    ),
    Fault(
        "valkey-slow-2.9s",
        lambda s: s.to_valkey.slow(SLOW_SECONDS),
        lambda s: s.to_valkey.forward(),
    ),
    Fault("valkey-wrong-password", _change_valkey_password, _restore_valkey_password),
    Fault("valkey-disk-full", _fill_valkey_disk, _clear_valkey_disk),
    Fault("valkey-dns", _forget_name, _know_name),
]
POSTGRES_FAULTS = [
    Fault("postgres-refused", lambda s: s.to_postgres.refuse(), lambda s: s.to_postgres.forward()),
    Fault(
        "postgres-black-hole",
        lambda s: s.to_postgres.black_hole(),
        lambda s: s.to_postgres.forward(),
    ),
    Fault("postgres-silent", lambda s: s.to_postgres.silent(), lambda s: s.to_postgres.forward()),
    Fault(
        "postgres-sigstop",
        lambda s: _send_postgres(s, signal.SIGSTOP),
        lambda s: _send_postgres(s, signal.SIGCONT),
    ),
    Fault(
        "postgres-slow-2.9s",
        lambda s: s.to_postgres.slow(SLOW_SECONDS),
        lambda s: s.to_postgres.forward(),
    ),
    Fault("postgres-wrong-password", _change_postgres_password, _restore_postgres_password),
    Fault("postgres-disk-full", _make_postgres_read_only, _make_postgres_writable),
    Fault(
        "postgres-pool-exhausted",
        lambda s: s.post("/hold?connections=10"),
        lambda s: s.post("/release"),
    ),
]
