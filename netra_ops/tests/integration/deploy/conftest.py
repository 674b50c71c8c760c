"""A small platform on a local Cloud Run of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from netra_ops.tests.integration.deploy.small_cloud import SmallCloud, small_cloud


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[SmallCloud]:
    """Yield a platform that serves build ``v1`` and was never deployed by this tool."""
    with small_cloud(tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def shared_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallCloud]:
    """Yield one for tests whose deploys all end where they started."""
    with small_cloud(tmp_path_factory.mktemp("small")) as made:
        yield made
