"""Startup, liveness and readiness checks of an instance (k8s.min.proto: Probe)."""

import asyncio
import contextlib
from typing import Any

from netra_cloud.run.clock import Clock

Json = dict[str, Any]

_RETRY_SECONDS = 0.02  # a TCP startup probe waits for the port within its timeout
_SUCCESS = range(200, 400)  # doc: configuring/healthchecks


async def check(probe: Json, port: int, timeout_seconds: float) -> str | None:
    """Run one check; return why it failed, or None.

    Args:
        probe: with ``httpGet`` or ``tcpSocket``.
        port: where the instance listens here.
        timeout_seconds: real seconds.
    """
    try:
        async with asyncio.timeout(timeout_seconds):
            if "httpGet" in probe:
                return await _http(probe["httpGet"], port)
            await _tcp(port)
            return None
    except TimeoutError:
        return f"no answer within {timeout_seconds:g} s"
    except OSError as error:
        return error.strerror or str(error)


async def wait_until_started(probe: Json, port: int, clock: Clock) -> str | None:
    """Check until the instance is started; return why it is not, or None.

    It fails after ``failureThreshold`` failed checks.
    """
    await asyncio.sleep(clock.real_start(probe.get("initialDelaySeconds", 0)))
    period = clock.real_start(probe["periodSeconds"])
    failure = "not checked"
    for _ in range(probe["failureThreshold"]):
        started = asyncio.get_running_loop().time()
        found = await check(probe, port, clock.real_start(probe["timeoutSeconds"]))
        if found is None:
            return None
        failure = found
        spent = asyncio.get_running_loop().time() - started
        await asyncio.sleep(max(0.0, period - spent))
    return failure


async def _tcp(port: int) -> None:
    """Connect; until the timeout, a refusal means that the instance does not listen yet."""
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except ConnectionError:
            await asyncio.sleep(_RETRY_SECONDS)
        else:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
            return


async def _http(action: Json, port: int) -> str | None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    headers = {"host": f"127.0.0.1:{port}", "user-agent": "CloudRun-Probe", "connection": "close"}
    headers |= {h["name"].lower(): h.get("value", "") for h in action.get("httpHeaders", [])}
    lines = [f"GET {action['path']} HTTP/1.1", *(f"{k}: {v}" for k, v in headers.items())]
    try:
        writer.write("\r\n".join([*lines, "", ""]).encode())
        status_line = (await reader.readline()).split()
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
    if len(status_line) > 1 and status_line[1].isdigit():
        status = int(status_line[1])
        return None if status in _SUCCESS else f"status {status}"
    return "no HTTP answer"
