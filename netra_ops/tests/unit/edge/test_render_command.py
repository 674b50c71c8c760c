"""``netra edge render``: anyone's Terraform as Envoy configuration."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from netra_ops.edge.render_command import Upstream, render_stack
from netra_ops.errors import OperatorError
from netra_ops.stack_directory import STACK

pytestmark = pytest.mark.unit
REPOSITORY = Path(__file__).parents[4]
CORRECT = REPOSITORY / "netra_cloud" / "tests" / "unit" / "terraform" / "correct"


def _render(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "netra_ops.cli", "edge", "render", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd=REPOSITORY,
    )


def test_the_stack_is_rendered_with_the_real_limits_for_the_given_ports() -> None:
    document = json.loads(_render("--upstream", "netra-backend-staging=7777").stdout)
    assert set(document) == {"bootstrap", "routes", "clusters", "not_emulated"}
    assert '"port_value": 7777' in json.dumps(document["clusters"])
    assert '"max_tokens": 30,' in json.dumps(document["routes"])


def test_files_are_written_for_envoy(tmp_path: Path) -> None:
    done = _render("--write", str(tmp_path / "edge"))
    assert json.loads(done.stdout)["bootstrap"] == str(tmp_path / "edge" / "bootstrap.json")
    assert (tmp_path / "edge" / "clusters.json").is_file()


def test_a_stack_without_forwarding_rule_is_refused_by_name() -> None:
    done = _render(str(CORRECT))
    assert done.returncode == 1
    assert "there is no forwarding rule" in done.stderr


def test_wrong_usage_and_absence_have_their_statuses(tmp_path: Path) -> None:
    assert _render("--upstream", "x").returncode == 2
    assert _render(str(tmp_path)).returncode == 3
    written = _render("--write", "/proc/nothing")
    assert written.returncode == 6
    assert "--write" in written.stderr
    assert "Traceback" not in written.stderr


def test_a_port_for_no_service_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="netra-bakend-staging") as refusal:
        render_stack(
            STACK,
            {"domain": "localhost"},
            8080,
            tmp_path,
            {"netra-bakend-staging": Upstream("127.0.0.1", 7777)},
        )
    assert "netra-backend-staging" in refusal.value.remedy


def test_a_broken_file_is_no_empty_edge(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('resource "google_compute_url_map" "m" {\n  name = "m\n}\n')
    with pytest.raises(OperatorError, match=r"main\.tf:\d+"):
        render_stack(tmp_path, {}, 8080, tmp_path, {})
