"""Sockets stream exactly once through a deploy and a rollback of the real platform."""

import shutil
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from benchmarks.deploys.__main__ import WORK, verified_release
from benchmarks.deploys.measure import Load, figures, while_streaming
from benchmarks.deploys.platform import platform_on_cloud_run
from test_framework.real_services import require_docker_services

LOAD = Load(sockets=5)
# What a rollback promises in docs/deploying.md, from the moment that the traffic is moved.
HANDSHAKES_MOVED_SECONDS = 1.0
SOCKETS_MOVED_SECONDS = 10.0
SECONDS = 900  # 100 s on a quiet machine: three deploys, each with a new backend


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short path: that of Envoy's admin socket may have 107 bytes."""
    made = Path(tempfile.mkdtemp(prefix="netra-"))
    yield made
    shutil.rmtree(made)


@require_docker_services()
@pytest.mark.timeout(SECONDS)
async def test_sockets_stream_exactly_once_through_a_deploy_and_a_rollback(folder: Path) -> None:
    async with platform_on_cloud_run(folder) as platform:
        await verified_release(platform)
        verified = await platform.serving()
        for name, (command, step) in WORK.items():
            seen = await while_streaming(platform, LOAD, partial(platform.netra, *command))

            assert seen.finished.status == 0, seen.finished.output
            assert seen.account.is_exact, figures(LOAD, seen.account)
            assert seen.account.reconnects == [1] * LOAD.sockets
            if name == "rollback":
                assert seen.handshakes_moved(step) < HANDSHAKES_MOVED_SECONDS
                assert seen.sockets_moved(step) < SOCKETS_MOVED_SECONDS
        back = platform.target.cloud.revision("netra-backend-local", await platform.serving())
        former = platform.target.cloud.revision("netra-backend-local", verified)
        assert back is not None
        assert former is not None
        assert back["containers"] == former["containers"]
