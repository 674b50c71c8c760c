"""The types that the stand-in offers are those that the configuration names."""

import json
from pathlib import Path

from netra_cloud.terraform.stand_in.used_types import used_types

KNOWN = ["google_a", "google_b", "google_c", "google_d"]


def test_types_of_the_tree_of_its_state_and_of_modules_outside(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "modules" / "m"
    (root / ".terraform" / "modules").mkdir(parents=True)
    outside.mkdir(parents=True)
    (root / "main.tf").write_text('resource "google_a" "r" {}\nresource "google_zz" "r" {}\n')
    (root / "terraform.tfstate").write_text('{"resources": [{"type": "google_b"}]}')
    (outside / "main.tf").write_text('resource "google_c" "r" {}\n')
    assert used_types(root, KNOWN) == ["google_a", "google_b"]
    manifest = {"Modules": [{"Key": "m", "Dir": "../modules/m"}]}
    (root / ".terraform" / "modules" / "modules.json").write_text(json.dumps(manifest))
    assert used_types(root, KNOWN) == ["google_a", "google_b", "google_c"]


def test_a_saved_plan_may_name_any_type(tmp_path: Path) -> None:
    (tmp_path / "stack.tfplan").write_bytes(b"PK")
    assert used_types(tmp_path, KNOWN) == KNOWN
