"""One emulator for each module, with a clock 20 times as fast."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from netra_cloud.run.process import RunOptions, local_cloud_run
from netra_cloud.tests.integration.run.harness import Cloud, register

FACTOR = 20.0  # ten seconds after SIGTERM take half a second


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    data: Path = tmp_path_factory.mktemp("cloud")
    image = register(data)
    with local_cloud_run(RunOptions(data, clock_factor=FACTOR)) as process:
        yield Cloud(process, data, image)
