"""Netra and its peer on one Valkey each, behind a proxy that can swallow everything."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from netra_ops.services.loopback import LOOPBACK
from test_framework.faults.tcp_proxy import FaultProxy
from tests.resilience.platform import Platform
from tests.resilience.service_process import ServiceProcess

# The readiness check that the guide set out to repair: 30 s, three attempts, 1 s apart.
GUIDE = {"ATTEMPTS": "3", "TIMEOUT_SECONDS": "30", "PAUSE_SECONDS": "1"}
AS_COMMONLY_WRITTEN: dict[str, str] = {}


@dataclass(frozen=True)
class Stand:
    """Both, running.

    Args:
        netra: the whole platform with the budgets of staging.
        peer: ``inline_service``.
        to_peers_valkey: the peer's own way to the same Valkey.
    """

    netra: Platform
    peer: ServiceProcess
    to_peers_valkey: FaultProxy

    async def start_black_hole(self) -> None:
        """Swallow what both send to Valkey, and accept no connection."""
        await self.netra.to_valkey.black_hole()
        await self.to_peers_valkey.black_hole()

    async def end_black_hole(self) -> None:
        """Deliver again."""
        await self.netra.to_valkey.forward()
        await self.to_peers_valkey.forward()


@asynccontextmanager
async def stand(peer_settings: dict[str, str]) -> AsyncIterator[Stand]:
    """Start both, and end both.

    Args:
        peer_settings: ``GUIDE`` or ``AS_COMMONLY_WRITTEN``.
    """
    with tempfile.TemporaryDirectory() as folder:
        async with Platform(Path(folder)) as netra, FaultProxy(netra.valkey.port) as proxy:
            url = netra.valkey.url.replace(
                f"{LOOPBACK}:{netra.valkey.port}", f"{LOOPBACK}:{proxy.port}"
            )
            peer = ServiceProcess(
                Path(folder) / "peer.log",
                {"REDIS_URL": url, **peer_settings},
                module="benchmarks.readiness.inline_service",
            )
            await peer.start()
            try:
                yield Stand(netra, peer, proxy)
            finally:
                await peer.stop()
