"""Override files: what they replace, and that findings name the file and line of the new value."""

from pathlib import Path

import pytest

from netra_cloud.terraform.linter import lint_directory

MAIN = """resource "google_compute_region_network_endpoint_group" "app" {
  name                  = "app"
  region                = "europe-west1"
  network_endpoint_type = "SERVERLESS"
  cloud_run {
    service = "app"
  }
}
resource "google_compute_backend_service" "app" {
  name                  = "app"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  timeout_sec           = 30
  backend {
    group = google_compute_region_network_endpoint_group.app.id
  }
}
"""
ATTRIBUTE = """

resource "google_compute_backend_service" "app" {
  timeout_sec = 900
}
"""
BLOCK = """
resource "google_compute_backend_service" "app" {
  backend {
    capacity_scaler = 0.5
    group           = google_compute_region_network_endpoint_group.app.id
  }
}
"""
JSON = """{"resource": {"google_compute_backend_service": {"app": {
  "timeout_sec": 900
}}}}
"""
LOCALS = "locals {\n  seconds = 900\n}\n"


@pytest.mark.parametrize(
    ("name", "text", "rule", "line"),
    [
        ("override.tf", ATTRIBUTE, "serverless-timeout", 4),
        ("late_override.tf", ATTRIBUTE, "serverless-timeout", 4),
        ("override.tf", BLOCK, "serverless-capacity", 4),
        ("x_override.tf.json", JSON, "serverless-timeout", 2),
    ],
)
def test_a_finding_names_the_override_file_and_its_line(
    tmp_path: Path, name: str, text: str, rule: str, line: int
) -> None:
    (tmp_path / "main.tf").write_text(MAIN)
    (tmp_path / name).write_text(text)
    (found,) = [one for one in lint_directory(tmp_path) if one.rule == rule]
    assert (found.file.name, found.line) == (name, line)


def test_an_override_of_a_local_changes_its_value(tmp_path: Path) -> None:
    main = MAIN.replace("= 30", "= local.seconds") + "locals {\n  seconds = 30\n}\n"
    (tmp_path / "main.tf").write_text(main)
    assert "serverless-timeout" not in {one.rule for one in lint_directory(tmp_path)}
    (tmp_path / "override.tf").write_text(LOCALS)
    (found,) = [one for one in lint_directory(tmp_path) if one.rule == "serverless-timeout"]
    assert (found.file.name, found.line) == ("main.tf", 12)


def test_editors_files_and_hidden_files_are_no_part_of_the_module(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(MAIN)
    for name in ("main.tf~", ".hidden.tf", "#main.tf#"):
        (tmp_path / name).write_text("this is no HCL {")
    assert "syntax" not in {one.rule for one in lint_directory(tmp_path)}
