"""Against a program that is in for the client: what it says decides, and how fast."""

from pathlib import Path

import pytest

from test_framework.test_services.docker import ContainersFailed, DockerCompose


def compose(folder: Path, script: str) -> DockerCompose:
    program = folder / "docker"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return DockerCompose(folder / "compose.yml", str(program))


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("echo 28.2.2", ""),
        ("echo 'Cannot connect to the Docker daemon' >&2; exit 1", "no Docker engine answers"),
        ("exec sleep 30", "within 2 s"),
        ('[ "$1" = version ]', "no compose plugin"),
    ],
)
def test_containers_are_chosen_only_when_engine_and_plugin_answer(
    tmp_path: Path, script: str, words: str
) -> None:
    objection = compose(tmp_path, script).objection()
    assert objection == "" if not words else words in objection


def test_without_a_client_there_is_no_engine(tmp_path: Path) -> None:
    absent = DockerCompose(tmp_path, str(tmp_path / "absent"))
    assert absent.objection() == "docker is not installed"


def test_up_waits_for_health_and_builds(tmp_path: Path) -> None:
    compose(tmp_path, f'echo "$*" >>{tmp_path}/calls').up()
    assert (tmp_path / "calls").read_text() == (
        f"compose --file {tmp_path}/compose.yml up --detach --wait --build\n"
    )


def test_a_failure_shows_the_last_lines_and_the_command(tmp_path: Path) -> None:
    failing = compose(tmp_path, "for n in $(seq 40); do echo line $n; done; exit 17")
    with pytest.raises(ContainersFailed) as failed:
        failing.up()
    assert "status 17" in failed.value.detail
    assert failed.value.detail.endswith("line 40")
    assert "line 25\n" not in failed.value.detail
    assert f"docker compose -f {tmp_path}/compose.yml up" in failed.value.remedy
