"""Which backend services are serverless: only what is certain."""

from pathlib import Path

import pytest

from netra_cloud.terraform.reader import load
from netra_cloud.terraform.rules.graph import BACKEND_SERVICE, is_serverless

STACK = """
variable "which" {
  type = string
}
resource "google_compute_region_network_endpoint_group" "run" {
  name                  = "run"
  region                = "europe-west1"
  network_endpoint_type = "SERVERLESS"
  cloud_run {
    service = "app"
  }
}
resource "google_compute_region_network_endpoint_group" "psc" {
  name                  = "psc"
  region                = "europe-west1"
  network_endpoint_type = "PRIVATE_SERVICE_CONNECT"
}
resource "google_compute_instance_group" "machines" {
  name = "machines"
  zone = "europe-west1-b"
}
locals {
  groups = {
    run      = google_compute_region_network_endpoint_group.run.id
    machines = google_compute_instance_group.machines.id
  }
}
resource "google_compute_backend_service" "app" {
  name = "app"
  backend {
    group = %s
  }
}
"""
RUN = "google_compute_region_network_endpoint_group.run.id"


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        (RUN, True),
        ("google_compute_region_network_endpoint_group.psc.id", False),
        ("google_compute_instance_group.machines.id", False),
        ('lookup(local.groups, "run", null)', True),
        ('lookup(local.groups, "machines", null)', False),
        ("lookup(local.groups, var.which, var.which)", False),  # may be either
        (f"var.which == null ? {RUN} : {RUN}", True),
        ('"projects/p/zones/z/instanceGroups/g"', False),
    ],
)
def test_only_what_is_certain(tmp_path: Path, group: str, expected: bool) -> None:  # noqa: FBT001  a table
    (tmp_path / "main.tf").write_text(STACK % group)
    configuration = load(tmp_path)
    (service,) = configuration.of_type(BACKEND_SERVICE)
    assert is_serverless(service, configuration) is expected
