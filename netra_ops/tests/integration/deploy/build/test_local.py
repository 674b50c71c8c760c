from pathlib import Path

import pytest

from netra_cloud.run.builds import Builds
from netra_cloud.run.process import RunOptions, local_cloud_run
from netra_ops.deploy.build.local import LocalBuilder
from netra_ops.errors import NotRunning
from netra_ops.services.loopback import LOOPBACK, free_port
from netra_ops.stack.paths import project_root


def test_sources_become_an_image_that_is_copied_once(tmp_path: Path) -> None:
    with local_cloud_run(RunOptions(tmp_path)) as cloud:
        builder = LocalBuilder(project_root(), cloud.api)
        assert builder.planned("auth") == ""

        image = builder.build("auth", force=False, report=lambda _: None)

        assert builder.planned("auth") == image
        reported: list[str] = []
        assert builder.build("auth", force=False, report=reported.append) == image
        assert reported == ["auth: the local Cloud Run has the image of these sources"]
    build = Builds(tmp_path / "builds").find(image)
    assert build is not None
    assert build.command[1:] == ("-m", "auth_service")
    assert (build.directory / "auth_service" / "__main__.py").is_file()
    assert not (build.directory / "netra_backend").exists()
    assert not (build.directory / "auth_service" / "tests").exists()


def test_without_a_local_cloud_run_there_is_no_image() -> None:
    builder = LocalBuilder(project_root(), f"http://{LOOPBACK}:{free_port()}")

    with pytest.raises(NotRunning, match="does not answer"):
        builder.planned("auth")
