import os
import subprocess
import sys

import pytest

from netra_ops.deploy.build.docker import cloud_build, docker_build
from netra_ops.stack.paths import project_root

TAG = "us-central1-docker.pkg.dev/p/netra-staging/netra-auth:src-0123"
WITHOUT_PROGRAMS = """
from netra_ops.deploy.build.docker import CloudBuilder, DockerBuilder
from netra_ops.errors import SomethingAbsent
from netra_ops.stack.paths import project_root

builders = [DockerBuilder(project_root(), "r"), CloudBuilder(project_root(), "r", "p")]
for builder in builders:
    assert builder.planned("auth") == ""
    try:
        builder.build("auth", force=False, report=print)
    except SomethingAbsent as error:
        print(error.detail, "->", error.remedy)
"""


@pytest.mark.parametrize("role", ["auth", "backend", "frontend"])
def test_every_role_has_the_dockerfile_that_is_built(role: str) -> None:
    command = docker_build(role, TAG, "/tmp/x.json", force=False)  # noqa: S108  # never opened

    assert (project_root() / command[command.index("--file") + 1]).is_file()
    assert command[command.index("--tag") + 1] == TAG
    assert "--no-cache" not in command


def test_force_builds_without_the_cache() -> None:
    assert docker_build("auth", TAG, "x", force=True)[-2:] == ["--no-cache", "."]
    assert "--no-cache" in cloud_build("auth", TAG, force=True)["steps"][0]["args"]


def test_cloud_build_pushes_what_it_has_built() -> None:
    configuration = cloud_build("auth", TAG, force=False)

    assert configuration["images"] == [TAG]
    assert TAG in configuration["steps"][0]["args"]


def test_without_docker_and_gcloud_the_remedy_is_named() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_PROGRAMS],
        env={**os.environ, "PATH": "/nonexistent"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    assert "there is no docker on this machine -> install it, or leave --build-local" in done.stdout
    assert "there is no gcloud on this machine -> install it, or build with Docker" in done.stdout
