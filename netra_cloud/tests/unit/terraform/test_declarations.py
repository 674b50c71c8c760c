"""What terraform validate refuses before it asks a provider, and what it does not."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from netra_cloud.terraform.declarations import FUNCTIONS
from netra_cloud.terraform.linter import lint_directory

RULES = {
    "duplicate-declaration", "wrong-labels", "unknown-function", "unsupported-attribute",
    "unknown-type",
}  # fmt: skip
SERVICE = """
resource "google_cloud_run_v2_service" "app" {
  name     = "app"
  location = "europe-west1"
  template {
    containers {
      image = "example.invalid/app:1"
    }
  }
}
"""


def found(directory: Path, text: str, **others: str) -> list[tuple[str, int]]:
    (directory / "main.tf").write_text(text)
    for name, other in others.items():
        (directory / f"{name}.tf").write_text(other)
    return [(one.rule, one.line) for one in lint_directory(directory) if one.rule in RULES]


@pytest.mark.parametrize(
    ("text", "rule", "line"),
    [
        (SERVICE + SERVICE, "duplicate-declaration", 12),
        ('variable "a" {}\nvariable "a" {}\n', "duplicate-declaration", 2),
        ('output "a" {\n  value = 1\n}\noutput "a" {\n  value = 2\n}\n',
         "duplicate-declaration", 4),
        ("locals {\n  a = 1\n}\nlocals {\n  a = 2\n}\n", "duplicate-declaration", 5),
        ('resource "google_compute_url_map" {\n}\n', "wrong-labels", 1),
        ('variable "a" "b" {\n}\n', "wrong-labels", 1),
        ('locals {\n  a = frobnicate("b")\n}\n', "unknown-function", 2),
        ("locals {\n  a = [for x in [1] : upper(lowre(x))]\n}\n", "unknown-function", 2),
        (SERVICE + "locals {\n  a = google_cloud_run_v2_service.app.nam\n}\n",
         "unsupported-attribute", 12),
        (SERVICE + 'locals {\n  a = google_cloud_run_v2_service.app["x"].nam.b\n}\n',
         "unsupported-attribute", 12),
        ('data "google_projectt" "here" {}\n', "unknown-type", 1),
    ],
)  # fmt: skip
def test_what_terraform_refuses(tmp_path: Path, text: str, rule: str, line: int) -> None:
    assert found(tmp_path, text) == [(rule, line)]


@pytest.mark.parametrize(
    "text",
    [
        'variable "a" {\n  type = object({ b = optional(list(tuple([string])), []) })\n}\n',
        'locals {\n  a = provider::google::name_from_id("a/b")\n  b = core::upper("a")\n}\n',
        SERVICE + "locals {\n  a = google_cloud_run_v2_service.app.template[0].containers\n}\n",
        SERVICE + "locals {\n  a = google_cloud_run_v2_service.app.uri\n}\n",
        'data "google_project" "here" {}\nlocals {\n  a = data.google_project.here.number\n}\n',
        'provider "google" {}\nprovider "google" {\n  alias = "other"\n}\n',
        'data "aws_thing" "a" {}\nlocals {\n  b = data.aws_thing.a.anything\n}\n',
    ],
)
def test_what_terraform_takes(tmp_path: Path, text: str) -> None:
    assert found(tmp_path, text) == []


def test_the_first_declaration_is_named_also_in_another_file(tmp_path: Path) -> None:
    assert found(tmp_path, SERVICE, second=SERVICE) == [("duplicate-declaration", 2)]
    (one,) = [one for one in lint_directory(tmp_path) if one.rule == "duplicate-declaration"]
    assert one.file.name == "second.tf"
    assert "main.tf:2" in one.message


def test_every_function_of_the_real_terraform_is_known() -> None:
    program = shutil.which("terraform")
    if program is None:
        pytest.skip("needs terraform on PATH, which no package registry carries")
    done = subprocess.run(
        [program, "metadata", "functions", "-json"],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    names = json.loads(done.stdout)["function_signatures"]
    assert {name for name in names if "::" not in name} <= FUNCTIONS
