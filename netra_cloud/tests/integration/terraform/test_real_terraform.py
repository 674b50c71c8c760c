"""The real terraform with the stand-in: validate, plan, apply, no changes, destroy."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from netra_cloud.terraform.compute_mapping import compute_objects
from netra_cloud.terraform.reader import load
from netra_cloud.terraform.run_mapping import run_services
from netra_cloud.terraform.stand_in.cloud import CloudFile
from netra_cloud.terraform.stand_in.workspace import Workspace, prepare

ROOT = Path(__file__).parents[4]
STACK = ROOT / "terraform-gcp-staging"
FIXTURES = ROOT / "netra_cloud" / "tests" / "unit" / "terraform"
PROJECT, DOMAIN = "example-project", "chat.example"
VARIABLES = (f"-var=project_id={PROJECT}", f"-var=domain={DOMAIN}", "-input=false", "-no-color")
COMMAND_SECONDS = 240  # 10 s for the slowest on a quiet machine; 90 s were seen on a busy one
# One test is up to eight runs of terraform: 14 s on a quiet machine, 120 s at a load of 35.
pytestmark = pytest.mark.timeout(480)

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def terraform() -> str:
    program = shutil.which("terraform")
    if program is None:
        pytest.skip("needs terraform on PATH, which no package registry carries")
    return program


def _runner(terraform: str, workspace: Workspace) -> Run:
    def run(*arguments: str, expected: Sequence[int] = (0,)) -> "subprocess.CompletedProcess[str]":
        done = subprocess.run(
            [terraform, *arguments],
            cwd=workspace.directory,
            env={**os.environ, **workspace.environment, "NO_COLOR": "1"},
            capture_output=True,
            text=True,
            check=False,
            timeout=COMMAND_SECONDS,
        )
        assert done.returncode in expected, done.stdout + done.stderr
        return done

    return run


def _open(terraform: str, real: Path, scratch: Path) -> tuple[Run, Workspace]:
    workspace = prepare(real, scratch)
    run = _runner(terraform, workspace)
    run("init", "-input=false", "-no-color")
    return run, workspace


def test_the_stack_lives_its_life_and_its_directory_stays_clean(
    terraform: str, tmp_path: Path
) -> None:
    before = sorted(path.name for path in STACK.iterdir())
    run, workspace = _open(terraform, STACK, tmp_path / "scratch")
    validated = json.loads(run("validate", "-json").stdout)
    assert validated["valid"]
    assert [d["summary"] for d in validated["diagnostics"]] == [
        "This is a stand-in for hashicorp/google"
    ]
    run("plan", *VARIABLES, "-var=deletion_protection=false", "-out=stack.tfplan")
    run("apply", "-input=false", "stack.tfplan")
    same = ("plan", *VARIABLES, "-var=deletion_protection=false", "-detailed-exitcode")
    run(*same, expected=(0,))  # 2 would be a change
    cloud = CloudFile(workspace.cloud_file, PROJECT)
    _assert_as_read_from_the_files(cloud)
    renamed = run(*same, "-var=environment=production", expected=(2,))
    assert "must be replaced" in renamed.stdout
    run("destroy", *VARIABLES, "-auto-approve")
    assert CloudFile(workspace.cloud_file, PROJECT).compute.objects.by_key == {}
    assert sorted(path.name for path in STACK.iterdir()) == before


def _assert_as_read_from_the_files(cloud: CloudFile) -> None:
    """What terraform applied is what is read without it: `netra up` needs no binary."""
    configuration = load(STACK, {"domain": DOMAIN, "project_id": PROJECT})
    read = compute_objects(configuration, PROJECT)
    assert cloud.compute.objects.by_key.keys() == read.by_key.keys()
    for key, body in read.by_key.items():
        applied = cloud.compute.objects.by_key[key]
        assert {name: _ordered(applied.get(name)) for name in body} == {
            name: _ordered(value) for name, value in body.items()
        }, key
    services = run_services(configuration, PROJECT)
    assert cloud.run_services.keys() == services.keys()
    for name, service in services.items():
        applied_template = cloud.run_services[name]["template"]
        for field in ("timeout", "sessionAffinity", "maxInstanceRequestConcurrency"):
            assert applied_template.get(field) == service["template"].get(field)


def _ordered(value: Any) -> Any:
    """Return ``value`` with its lists in one order: many are sets to terraform."""
    if isinstance(value, dict):
        return {name: _ordered(item) for name, item in sorted(value.items())}
    if isinstance(value, list):
        return sorted((_ordered(item) for item in value), key=json.dumps)
    return value


def test_pins_data_sources_and_utility_providers_live_their_life(
    terraform: str, tmp_path: Path
) -> None:
    run, _ = _open(terraform, FIXTURES / "pinned", tmp_path)
    lock = (tmp_path / "tree").rglob(".terraform.lock.hcl")
    assert '"7.46.0"' in next(lock).read_text()  # the newest that `< 8` allows
    validated = json.loads(run("validate", "-json").stdout)
    details = "\n".join(d["detail"] for d in validated["diagnostics"])
    assert "Data sources answered with placeholders: data.google_project.this" in details
    assert "Checked against the schema alone: google_project_service, local_file" in details
    run("apply", "-auto-approve", "-input=false")
    run("plan", "-detailed-exitcode", "-input=false")  # 2 would be a change
    outputs = json.loads(run("output", "-json").stdout)
    assert outputs["project"]["value"] == "example"
    assert len(outputs["suffix"]["value"]) == 8
    assert json.loads(outputs["policy"]["value"])["bindings"][0]["members"] == ["allUsers"]
    assert not (tmp_path / "made-by-terraform.txt").exists()
    run("destroy", "-auto-approve", "-input=false")


def test_the_providers_functions_are_called(terraform: str, tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.mkdir()
    (real / "main.tf").write_text(
        """
terraform {
  required_providers {
    google = {
      source = "hashicorp/google"
    }
  }
}
locals {
  id = "projects/demo/regions/europe-west1/subnetworks/inner"
}
output "parts" {
  value = join(" ", [
    provider::google::project_from_id(local.id),
    provider::google::region_from_id(local.id),
    provider::google::name_from_id(local.id),
    provider::google::region_from_zone("us-central1-c"),
  ])
}
output "wrong" {
  value = try(provider::google::zone_from_id(local.id), "no zone")
}
"""
    )
    run, _ = _open(terraform, real, tmp_path / "scratch")
    run("apply", "-auto-approve", "-input=false")
    outputs = json.loads(run("output", "-json").stdout)
    assert {name: one["value"] for name, one in outputs.items()} == {
        "parts": "demo europe-west1 inner us-central1",
        "wrong": "no zone",
    }


def test_the_guides_mistakes_are_native_errors_with_lines(terraform: str, tmp_path: Path) -> None:
    run, _ = _open(terraform, FIXTURES / "guide", tmp_path)
    report = json.loads(run("validate", "-json", expected=(1,)).stdout)
    found = {
        (d["severity"], d["summary"], d.get("range", {}).get("start", {}).get("line"))
        for d in report["diagnostics"]
    }
    assert ("error", "Unsupported block type", 97) in found


def test_without_that_block_googles_refusals_show(terraform: str, tmp_path: Path) -> None:
    real = tmp_path / "guide"
    real.mkdir()
    text = (FIXTURES / "guide" / "load-balancer.tf").read_text()
    start = text.index("      header_action {")
    end = text.index("    }\n  }\n}\n", start)
    (real / "main.tf").write_text(text[:start] + text[end:])
    run, _ = _open(terraform, real, tmp_path / "scratch")
    report = json.loads(run("validate", "-json", expected=(1,)).stdout)
    lines = {
        d["summary"].rpartition("[")[2].rstrip("]"): d["range"]["start"]["line"]
        for d in report["diagnostics"]
        if d["severity"] == "error" and "[" in d["summary"]
    }
    assert lines["serverless-timeout"] == 61
    assert lines["serverless-health-check"] == 65
    assert lines["forbidden-header-name"] == 67
    details = "\n".join(d["detail"] for d in report["diagnostics"])
    assert "Timeout sec is not supported for a backend service with Serverless" in details


def test_a_url_map_whose_test_fails_is_refused_at_apply(terraform: str, tmp_path: Path) -> None:
    real = tmp_path / "stack"
    real.mkdir()
    text = (FIXTURES / "correct" / "main.tf").read_text()
    other = (
        '\nresource "google_compute_backend_service" "other" {\n'
        '  provider = google-beta\n  name = "other"\n}\n'
    )
    wrong = text.replace(
        '    path    = "/ws"\n    service = google_compute_backend_service.chat.id',
        '    path    = "/ws"\n    service = google_compute_backend_service.other.id',
    )
    (real / "main.tf").write_text(wrong + other)
    run, _ = _open(terraform, real, tmp_path / "scratch")
    done = run("apply", "-auto-approve", "-input=false", expected=(1,))
    assert "chat.example.com/ws: expected" in done.stdout + done.stderr


def test_the_stacks_own_tests_pass(terraform: str, tmp_path: Path) -> None:
    run, _ = _open(terraform, STACK, tmp_path)
    assert "0 failed" in run("test").stdout
