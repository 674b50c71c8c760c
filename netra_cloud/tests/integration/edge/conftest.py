"""Three echo services and an edge before them."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from netra_cloud.edge.run_target import Target
from netra_cloud.tests.integration.edge.harness import RunningEdge, echo_service, running_edge
from netra_cloud.tests.unit.edge.stack import AUTH, BACKEND, run_target, targets


@pytest.fixture
def edge_directory() -> Iterator[Path]:
    """A short directory: the path of Envoy's admin socket may have 107 bytes."""
    with TemporaryDirectory(prefix="edge-") as directory:
        yield Path(directory) / "xds"


@pytest.fixture
async def services() -> AsyncIterator[dict[str, int]]:
    """Ports of two revisions of the backend and of one of auth."""
    async with (
        echo_service("b-1") as first,
        echo_service("b-2") as second,
        echo_service("a-1") as auth,
    ):
        yield {"b-1": first, "b-2": second, "a-1": auth}


@pytest.fixture
def behind(services: dict[str, int]) -> "type[Behind]":
    """What is behind the edge, by the share of the second revision."""
    Behind.ports = services
    return Behind


class Behind:
    """Makes the targets of an edge."""

    ports: dict[str, int]

    @classmethod
    def targets(
        cls, second_percent: int = 0, *, affinity: bool = False, timeout_seconds: float = 3600
    ) -> dict[str, Target]:
        """Return all targets; the rest of the traffic goes to the first revision."""
        backend = run_target(
            BACKEND,
            ("b-1", 100 - second_percent, cls.ports["b-1"]),
            ("b-2", second_percent, cls.ports["b-2"]),
            timeout_seconds=timeout_seconds,
            session_affinity=affinity,
        )
        return targets(backend, run_target(AUTH, ("a-1", 100, cls.ports["a-1"])))


@pytest.fixture
async def edge(edge_directory: Path, behind: type[Behind]) -> AsyncIterator[RunningEdge]:
    """An edge that sends everything to the first revision."""
    async with running_edge(edge_directory, behind.targets()) as running:
        yield running
