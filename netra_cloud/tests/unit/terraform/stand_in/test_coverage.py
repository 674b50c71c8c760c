"""The output names what no rule has seen."""

from pathlib import Path

from netra_cloud.terraform.reader import load
from netra_cloud.terraform.stand_in.coverage import not_checked
from netra_cloud.terraform.stand_in.survey import survey

SOURCE = """
data "google_project" "this" {}
data "terraform_remote_state" "n" {
  backend = "gcs"
}
resource "google_pubsub_topic" "t" {
  name = "t"
}
resource "google_compute_url_map" "m" {
  name            = "m"
  default_service = var.elsewhere
}
variable "elsewhere" {}
resource "null_resource" "go" {
  provisioner "local-exec" {
    command = "true"
  }
}
"""
REMOTE = "data.terraform_remote_state.n"


def test_each_kind_has_its_line(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(SOURCE)
    lines = not_checked(survey(tmp_path), load(tmp_path))
    assert lines[:4] == [
        "Checked against the schema alone: google_pubsub_topic, null_resource.",
        "Data sources answered with placeholders: data.google_project.this (main.tf:2).",
        f"Read by terraform itself, from the real backend: {REMOTE} (main.tf:3).",
        "Run by terraform itself at apply: provisioners of: null_resource.go (main.tf:14).",
    ]
    assert "google_compute_url_map.m: default_service = var.elsewhere" in lines[4]


def test_many_are_counted(tmp_path: Path) -> None:
    names = [f'data "google_project" "p{number}" {{}}\n' for number in range(20)]
    (tmp_path / "main.tf").write_text("".join(names))
    (line,) = not_checked(survey(tmp_path), load(tmp_path))
    assert line.endswith("and 8 more.")
