"""What one turn of one contestant gave, and what a turn needs."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter

from benchmarks.dialects import Dialect
from benchmarks.server_process import ServerProcess


@dataclass(frozen=True)
class Turn:
    """The running servers of one contestant, how long to work, and for how many."""

    servers: Sequence[ServerProcess]
    dialect: Dialect
    seconds: float
    crowd: int = 1000  # sockets that a broadcast reaches, or that sit idle

    @property
    def ports(self) -> list[int]:
        """Where they listen."""
        return [server.port for server in self.servers]

    def cpu_nanoseconds(self) -> int:
        """CPU time of all instances."""
        return sum(server.cpu_nanoseconds() for server in self.servers)

    def resident_bytes(self) -> int:
        """Memory of all instances."""
        return sum(server.resident_bytes() for server in self.servers)


@dataclass
class Measured:
    """Figures by name; ``cpu_us`` is CPU microseconds per operation."""

    figures: dict[str, float] = field(default_factory=dict)


class Meter:
    """CPU and wall time of a stretch of work."""

    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        self.cpu_us = 0.0
        self.seconds = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Measure the block."""
        cpu, started = self._turn.cpu_nanoseconds(), perf_counter()
        yield
        self.seconds = perf_counter() - started
        self.cpu_us = (self._turn.cpu_nanoseconds() - cpu) / 1000
