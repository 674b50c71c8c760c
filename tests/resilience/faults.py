"""Ways in which Valkey and PostgreSQL fail, each with its end."""

import asyncio
import os
import resource
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

import httpx
from redis.asyncio import Redis

from netra_shared.settings import ServiceSettings
from test_framework.faults.processes import signal_family
from tests.resilience.platform import Platform

Action = Callable[[Platform], Awaitable[None]]

# Larger than Valkey's log and smaller than the snapshot of the ballast.
DISK_BYTES = 256 * 1024
BALLAST_BYTES = 4 * DISK_BYTES
SLOW_SECONDS = 2.9
POOL_SIZE = int(ServiceSettings.model_fields["postgres_pool_size"].default)
ANSWER_SECONDS = 20.0  # above the statement deadline
OTHER_PASSWORD = "another password"


@dataclass(frozen=True)
class Fault:
    """A fault by name: whom it hits, how it starts and how it ends.

    Args:
        name: ``<store>-<what>``.
        start: does the harm.
        end: undoes it.
        may_store: a message sent meanwhile may be stored all the same: what is silent answers when
            the fault ends, on a full disk there is room left in blocks that are in use, and a
            connection that a message got before the pool was empty only waits.
        hits_auth: whether the identity service notices.
        needs: what this machine must allow.
    """

    name: str
    start: Action
    end: Action
    may_store: bool = False
    hits_auth: bool = True
    needs: Literal["", "private names", "a small disk"] = ""

    @property
    def store(self) -> str:
        """Whom it hits: ``valkey`` or ``postgres``."""
        return self.name.partition("-")[0]


async def _send_valkey(platform: Platform, number: signal.Signals) -> None:
    os.kill(platform.valkey.pid, number)


async def _send_postgres(platform: Platform, number: signal.Signals) -> None:
    signal_family(platform.postgres.pid, number)


async def _change_valkey_password(platform: Platform) -> None:
    # In one go: a live connection that ends later than the others is another fault.
    async with (
        Redis.from_url(platform.valkey.url) as client,
        client.pipeline(transaction=False) as pipeline,
    ):
        pipeline.config_set("requirepass", OTHER_PASSWORD)
        # Sessions that are authenticated stay so; a rotated password meets new ones.
        pipeline.client_kill_filter(_type="normal", skipme=True)
        pipeline.client_kill_filter(_type="pubsub", skipme=True)
        await pipeline.execute()


async def _restore_valkey_password(platform: Platform) -> None:
    original = (platform.valkey.data_dir / "password").read_text().strip()
    # The URL's password would win over the argument.
    async with Redis(port=platform.valkey.port, password=OTHER_PASSWORD) as client:
        await client.config_set("requirepass", original)


async def _fill_valkey_disk(platform: Platform) -> None:
    """Let no file of the server grow: its snapshot fails and it refuses writes (MISCONF).

    The limit works for root and for anybody else, needs no mount, and makes the server itself
    say what it says on a full disk.
    """
    async with Redis.from_url(platform.valkey.url) as client:
        await client.set("ballast", os.urandom(BALLAST_BYTES))
        await client.config_set("save", "3600 1")
        _, hard = resource.prlimit(platform.valkey.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(platform.valkey.pid, resource.RLIMIT_FSIZE, (DISK_BYTES, hard))
        await client.bgsave()


async def _clear_valkey_disk(platform: Platform) -> None:
    _, hard = resource.prlimit(platform.valkey.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(platform.valkey.pid, resource.RLIMIT_FSIZE, (hard, hard))
    async with Redis.from_url(platform.valkey.url) as client:
        await client.bgsave()


async def _forget_valkey(platform: Platform) -> None:
    platform.hosts.forget(platform.valkey_name)
    platform.to_valkey.reset_connections()  # what is connected needs no name


async def _know_valkey(platform: Platform) -> None:
    platform.hosts.know(platform.valkey_name)


async def _forget_postgres(platform: Platform) -> None:
    platform.hosts.forget(platform.postgres_name)
    platform.to_postgres.reset_connections()


async def _know_postgres(platform: Platform) -> None:
    platform.hosts.know(platform.postgres_name)


async def _change_postgres_password(platform: Platform) -> None:
    await platform.alter_role(f"PASSWORD '{OTHER_PASSWORD}'")
    await platform.end_sessions()


async def _restore_postgres_password(platform: Platform) -> None:
    await platform.alter_role(f"PASSWORD '{platform.role_password}'")


async def _make_postgres_read_only(platform: Platform) -> None:
    """Do what managed PostgreSQL does shortly before its disk is full."""
    await platform.alter_role("SET default_transaction_read_only = on")
    await platform.end_sessions()


async def _make_postgres_writable(platform: Platform) -> None:
    await platform.alter_role("RESET default_transaction_read_only")
    await platform.end_sessions()


async def _fill_postgres_disk(platform: Platform) -> None:
    await asyncio.to_thread(platform.disk.fill)


async def _clear_postgres_disk(platform: Platform) -> None:
    platform.disk.clear()


async def _exhaust_pool(platform: Platform) -> None:
    """Let the gateway's statements wait for a lock until no connection is left in its pool."""
    locking = await platform.open_session()
    await locking.execute("BEGIN; LOCK TABLE netra.threads IN ACCESS EXCLUSIVE MODE")
    client = httpx.AsyncClient(
        base_url=platform.backend.url,
        headers={"Authorization": f"Bearer {platform.access_token}"},
        timeout=ANSWER_SECONDS,
    )
    waiting = [asyncio.create_task(client.get("/api/threads")) for _ in range(POOL_SIZE)]

    async def release() -> None:
        await locking.execute("ROLLBACK")
        await locking.close()
        await asyncio.gather(*waiting)
        await client.aclose()

    platform.release = release


async def _release_pool(platform: Platform) -> None:
    await platform.release()


VALKEY_FAULTS = [
    Fault("valkey-refused", lambda p: p.to_valkey.refuse(), lambda p: p.to_valkey.forward()),
    Fault(
        "valkey-black-hole",
        lambda p: p.to_valkey.black_hole(),
        lambda p: p.to_valkey.forward(),
    ),
    Fault(
        "valkey-silent",
        lambda p: p.to_valkey.silent(),
        lambda p: p.to_valkey.forward(),
    ),
    Fault(
        "valkey-sigstop",
        lambda p: _send_valkey(p, signal.SIGSTOP),
        lambda p: _send_valkey(p, signal.SIGCONT),
    ),
    Fault(
        "valkey-slow-2.9s",
        lambda p: p.to_valkey.slow(SLOW_SECONDS),
        lambda p: p.to_valkey.forward(),
    ),
    Fault("valkey-wrong-password", _change_valkey_password, _restore_valkey_password),
    Fault("valkey-disk-full", _fill_valkey_disk, _clear_valkey_disk),
    Fault("valkey-dns", _forget_valkey, _know_valkey, needs="private names"),
]
POSTGRES_FAULTS = [
    Fault("postgres-refused", lambda p: p.to_postgres.refuse(), lambda p: p.to_postgres.forward()),
    Fault(
        "postgres-black-hole",
        lambda p: p.to_postgres.black_hole(),
        lambda p: p.to_postgres.forward(),
        may_store=True,
    ),
    # Stopped, its kernel still accepts and nothing answers: silence is the same. A slow one is one
    # that misses the deadline of its check: the same again, seen from here. Valkey has all three.
    Fault(
        "postgres-sigstop",
        lambda p: _send_postgres(p, signal.SIGSTOP),
        lambda p: _send_postgres(p, signal.SIGCONT),
        may_store=True,
    ),
    Fault("postgres-wrong-password", _change_postgres_password, _restore_postgres_password),
    Fault("postgres-read-only", _make_postgres_read_only, _make_postgres_writable),
    Fault(
        "postgres-disk-full",
        _fill_postgres_disk,
        _clear_postgres_disk,
        may_store=True,
        needs="a small disk",
    ),
    Fault("postgres-pool-exhausted", _exhaust_pool, _release_pool, may_store=True, hits_auth=False),
    Fault("postgres-dns", _forget_postgres, _know_postgres, needs="private names"),
]
