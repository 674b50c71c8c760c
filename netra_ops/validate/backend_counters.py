"""Counters of the backend of this machine, read from ``/metrics`` behind the edge."""

import httpx
from prometheus_client.parser import text_string_to_metric_families

from netra_ops.services.loopback import LOOPBACK

SCRAPE_SECONDS = 5.0
CLOSES = "netra_websocket_closes_total"
LATE_IMPORTS = "late_imports_total"


async def closes_of_backend(port: int) -> dict[str, float]:
    """Return how many sockets the backend closed, by code.

    Raises:
        httpx.HTTPError: it does not answer.
    """
    return {labels["code"]: value for name, labels, value in await _samples(port) if name == CLOSES}


async def late_imports_of_backend(port: int) -> float | None:
    """Return the number of late imports; None when the backend does not count them.

    Raises:
        httpx.HTTPError: it does not answer.
    """
    found = [value for name, _, value in await _samples(port) if name == LATE_IMPORTS]
    return sum(found) if found else None


async def _samples(port: int) -> list[tuple[str, dict[str, str], float]]:
    async with httpx.AsyncClient(timeout=SCRAPE_SECONDS) as http:
        answer = await http.get(f"http://{LOOPBACK}:{port}/metrics")
    answer.raise_for_status()
    return [
        (sample.name, dict(sample.labels), sample.value)
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    ]
