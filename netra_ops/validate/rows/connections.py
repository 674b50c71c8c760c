"""Connections that rows open, each noted in the record of the run."""

import asyncio

from netra_client.endpoint import socket_url
from netra_client.timeouts import ClientTimeouts
from netra_ops.measure.probe import Probe, ProbeResult
from netra_ops.validate.evidence import Evidence
from netra_ops.validate.target import Target

PARALLEL = 5
PROBE_TIMEOUTS = ClientTimeouts(connect=10.0, initialize=10.0, pong=10.0)


async def connect_many(
    target: Target, count: int, *, address: str = "", origin: str | None = None
) -> list[ProbeResult]:
    """Open, initialize, ping and close ``count`` sockets; return how each ended.

    Args:
        target: whose account is used and whose record is kept.
        count: how many.
        address: another way in than the edge.
        origin: sent as ``Origin``.
    """
    # A row that cannot sign in must say that, and not that connections fail.
    await target.tokens.token()
    url = socket_url(address or target.address)
    probe = Probe(url, target.tokens, origin=origin, timeouts=PROBE_TIMEOUTS)
    gate = asyncio.Semaphore(PARALLEL)

    async def one() -> ProbeResult:
        async with gate:
            result = await probe.once()
        target.record.note(result)
        return result

    return list(await asyncio.gather(*(one() for _ in range(count))))


def percent_ok(results: list[ProbeResult]) -> float:
    """Return the share of connections that ended well."""
    return 100.0 * sum(one.is_ok for one in results) / len(results)


def successes(results: list[ProbeResult], at_least: float, what: str) -> Evidence:
    """Return the assertion that enough connections succeeded."""
    share = percent_ok(results)
    errors = sorted({f"{one.outcome} {one.code}".strip() for one in results if not one.is_ok})
    seen = f"{sum(one.is_ok for one in results)} of {len(results)}"
    if errors:
        seen += f"; {', '.join(errors)}"
    return Evidence(f"at least {at_least:g} % of {what} succeed", seen, share >= at_least)
