"""What the files of a configuration ask of providers."""

import json
from pathlib import Path

from netra_cloud.terraform.stand_in.survey import module_directories, survey

ROOT = """
terraform {
  required_providers {
    google = { source = "hashicorp/google", version = ">= 6" }
    edge   = { source = "cloudflare/cloudflare", version = "~> 5" }
  }
}
provider "random" {
  version = "~> 3.1"
}
module "lb" {
  source = "./lb"
}
data "google_project" "this" {}
data "terraform_remote_state" "net" {
  backend = "gcs"
}
resource "null_resource" "go" {
  provisioner "local-exec" {
    command = "true"
  }
}
resource "aws_vpc" "v" {}
resource "edge_zone" "z" {}
resource "terraform_data" "t" {}
"""


def test_pins_types_and_foreign_providers_of_all_modules(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(ROOT)
    (tmp_path / "lb").mkdir()
    (tmp_path / "lb" / "main.tf").write_text(
        'terraform {\n  required_providers {\n    google = "< 8"\n  }\n}\n'
        'resource "google_compute_url_map" "m" {}\n'
    )
    found = survey(tmp_path)
    assert found.constraints["google"] == [">= 6", "< 8"]
    assert found.constraints["random"] == ["~> 3.1"]
    assert set(found.foreign) == {"cloudflare/cloudflare", "hashicorp/aws"}
    assert str(found.foreign["hashicorp/aws"]) == "hashicorp/aws (main.tf:23)"
    assert "google_compute_url_map" in found.resources
    assert [place.name for place in found.data] == [
        "data.google_project.this",
        "data.terraform_remote_state.net",
    ]
    assert [place.name for place in found.provisioners] == ["null_resource.go"]


def test_fetched_modules_are_part_of_it_and_each_is_read_once(tmp_path: Path) -> None:
    fetched = tmp_path / ".terraform" / "modules"
    (fetched / "lb").mkdir(parents=True)
    (tmp_path / "main.tf").write_text('module "lb" {\n  source = "a/b/c"\n}\n')
    (fetched / "lb" / "main.tf").write_text('module "self" {\n  source = "./."\n}\n')
    (fetched / "modules.json").write_text(
        json.dumps(
            {"Modules": [{"Key": "", "Dir": "."}, {"Key": "lb", "Dir": str(fetched / "lb")}]}
        )
    )
    assert module_directories(tmp_path) == [tmp_path, fetched / "lb"]
