"""Which backend services are serverless: only what is certain."""

from pathlib import Path

import pytest

from netra_cloud.terraform.reader import load
from netra_cloud.terraform.rules.graph import (
    BACKEND_SERVICE,
    REGION_BACKEND_SERVICE,
    is_serverless,
    scheme_of,
)

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


PIN = """
terraform {
  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "%s"
    }
  }
}
"""


@pytest.mark.parametrize(
    ("pin", "written", "expected"),
    [
        # version_8_upgrade in the provider's guides: EXTERNAL before 8.0, EXTERNAL_MANAGED since.
        ("~> 7.0", "", "EXTERNAL"),
        (">= 5.0, < 8", "", "EXTERNAL"),
        (">= 8.0", "", "EXTERNAL_MANAGED"),
        ("~> 8.2", "", "EXTERNAL_MANAGED"),
        (">= 7.0", "", None),
        (None, "", None),
        ("~> 7.0", '  load_balancing_scheme = "INTERNAL_MANAGED"\n', "INTERNAL_MANAGED"),
    ],
)
def test_the_default_of_the_scheme_follows_the_pinned_version(
    pin: str | None, written: str, expected: str | None, tmp_path: Path
) -> None:
    service = f'resource "{BACKEND_SERVICE}" "app" {{\n  name = "app"\n{written}}}\n'
    (tmp_path / "main.tf").write_text((PIN % pin if pin else "") + service)
    configuration = load(tmp_path)
    resource = next(configuration.of_type(BACKEND_SERVICE))
    assert scheme_of(resource, configuration) == expected


def test_regional_resources_have_one_default(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(
        f'resource "{REGION_BACKEND_SERVICE}" "app" {{\n  name = "app"\n}}\n'
    )
    configuration = load(tmp_path)
    resource = next(configuration.of_type(REGION_BACKEND_SERVICE))
    assert scheme_of(resource, configuration) == "INTERNAL"
