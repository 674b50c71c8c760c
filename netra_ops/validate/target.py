"""What is validated, and what the run has seen of it so far."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from netra_client.token_source import TokenSource
from netra_ops.environments.loader import EnvironmentDescriptor
from netra_ops.measure.probe import ProbeResult


@dataclass(frozen=True, slots=True)
class LocalStack:
    """The platform of ``netra up`` on this machine.

    Args:
        logs: directory with one file for each part.
        backend_port: of the backend itself, behind the edge.
        store_pid: of Valkey; 0 when it is none of the stack's processes.
        serves_pages: whether the stack was started with the frontend.
    """

    logs: Path
    backend_port: int
    store_pid: int = 0
    serves_pages: bool = True


@dataclass(slots=True)
class RunRecord:
    """What all rows of one run have seen.

    Args:
        closes: of every socket that a row opened, by close code.
        probes: connections that ended well and badly, by the second in which they started.
        log_sizes: bytes of each log file when the run started.
        closes_before: the backend's own counters when the run started; None when not readable.
        sign_in_rate: percent of credentials that were accepted; None until measured.
    """

    closes: Counter[int] = field(default_factory=Counter)
    probes: dict[int, tuple[int, int]] = field(default_factory=dict)
    log_sizes: dict[Path, int] = field(default_factory=dict)
    closes_before: dict[str, float] | None = None
    sign_in_rate: float | None = None

    def note(self, result: ProbeResult) -> None:
        """Add one connection."""
        if result.close_code is not None:
            self.closes[result.close_code] += 1
        good, bad = self.probes.get(int(result.at), (0, 0))
        self.probes[int(result.at)] = (good + result.is_ok, bad + (not result.is_ok))


@dataclass(frozen=True, slots=True)
class Bounds:
    """The promised bounds; seconds and percent.

    Source: the golden-path targets of the remediation guide, and ``monitoring-thresholds.yaml``.
    """

    health: float = 8.0
    golden_health: float = 5.0
    sign_in_to_socket: float = 2.0
    first_event: float = 5.0
    answer: float = 60.0
    connections_percent: float = 95.0
    authentication_percent: float = 85.0


class SharedTokens:
    """Signs in when the first row needs it; every later row gets the same tokens, or error.

    Args:
        open_account: signs in; called once.
    """

    def __init__(self, open_account: Callable[[], Awaitable[TokenSource]]) -> None:
        self._open = open_account
        self._lock = asyncio.Lock()
        self._source: TokenSource | None = None
        self._error: Exception | None = None

    async def token(self, *, not_this: str | None = None) -> str:
        """Implement ``TokenSource.token``; raises what the sign-in raised."""
        return await (await self._account()).token(not_this=not_this)

    @property
    def renewable(self) -> bool:
        """Implement ``TokenSource.renewable``."""
        return self._source is None or self._source.renewable

    @property
    def remaining(self) -> float:
        """Implement ``TokenSource.remaining``."""
        return 0.0 if self._source is None else self._source.remaining

    async def _account(self) -> TokenSource:
        async with self._lock:
            if self._error is not None:
                raise self._error
            if self._source is None:
                try:
                    self._source = await self._open()
                except Exception as error:
                    self._error = error
                    raise
            return self._source


@dataclass(frozen=True, slots=True)
class Target:
    """One platform.

    Args:
        address: of its edge, ``http(s)://host[:port]``.
        frontend_url: of its pages.
        origin: that its pages have.
        descriptor: the environment.
        tokens: of one account.
        root: the checkout whose code and documents are checked.
        local: the stack on this machine, when that is the platform.
        bounds: what is promised.
        record: what the run has seen.
        rates_before: figures of the run before, by name.
        load_seconds: of a load test in ``quick`` and ``full``.
    """

    address: str
    frontend_url: str
    origin: str
    descriptor: EnvironmentDescriptor
    tokens: TokenSource
    root: Path
    local: LocalStack | None = None
    bounds: Bounds = field(default_factory=Bounds)
    record: RunRecord = field(default_factory=RunRecord)
    rates_before: dict[str, float] = field(default_factory=dict)
    load_seconds: float = 8.0
