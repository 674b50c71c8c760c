"""What terraform sees of a directory, and what stays untouched."""

from pathlib import Path

import pytest

from netra_cloud.terraform.stand_in.workspace import prepare


def _lay_out(root: Path, *, git: bool) -> Path:
    real = root / "environments" / "prod"
    for file in (real / "main.tf", root / "modules" / "lb" / "main.tf", root / "data.json"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("")
    (real / "main.tf").write_text(
        'terraform {\n  backend "gcs" {}\n}\nmodule "lb" {\n  source = "../../modules/lb"\n}\n'
    )
    (real / "terraform.tfstate").write_text("theirs")
    (real / ".terraform.lock.hcl").write_text("theirs")
    if git:
        (root / ".git").mkdir()
    return real


@pytest.mark.parametrize("git", [True, False])
def test_what_the_files_climb_to_is_there_and_state_is_not(tmp_path: Path, *, git: bool) -> None:
    real = _lay_out(tmp_path / "clone", git=git)
    before = sorted(path.name for path in real.iterdir())
    workspace = prepare(real, tmp_path / "scratch")
    assert (workspace.directory / "../../modules/lb/main.tf").exists()
    assert (workspace.directory / "../../data.json").exists()
    names = {path.name for path in workspace.directory.iterdir()}
    assert names == {"main.tf", "zz_stand_in_override.tf"}
    assert sorted(path.name for path in real.iterdir()) == before


def test_a_second_time_follows_what_changed_and_keeps_the_state(tmp_path: Path) -> None:
    real = _lay_out(tmp_path / "clone", git=True)
    workspace = prepare(real, tmp_path / "scratch")
    (workspace.directory / "terraform.tfstate").write_text("ours")
    (real / "main.tf").rename(real / "other.tf")
    again = prepare(real, tmp_path / "scratch")
    names = {path.name for path in again.directory.iterdir()}
    assert names == {"other.tf", "terraform.tfstate", "zz_stand_in_override.tf"}
    assert (again.directory / "terraform.tfstate").read_text() == "ours"


def test_another_checkout_takes_the_place_of_the_first(tmp_path: Path) -> None:
    first = _lay_out(tmp_path / "a", git=True)
    second = _lay_out(tmp_path / "b", git=True)
    (second / "main.tf").write_text("# second\n")
    prepare(first, tmp_path / "scratch")
    workspace = prepare(second, tmp_path / "scratch")
    assert (workspace.directory / "main.tf").read_text() == "# second\n"


def _versions(scratch: Path, provider: str) -> set[str]:
    folder = scratch / "mirror" / "registry.terraform.io" / "hashicorp" / provider
    return {path.name for path in folder.iterdir()}


def test_other_pins_make_terraform_start_again(tmp_path: Path) -> None:
    real = _lay_out(tmp_path / "clone", git=True)
    scratch = tmp_path / "scratch"
    workspace = prepare(real, scratch)
    kept = workspace.directory / ".terraform.lock.hcl"
    kept.write_text("checksums")
    prepare(real, scratch)
    assert kept.exists()
    (real / "versions.tf").write_text(
        'terraform {\n  required_providers {\n    random = {\n      source = "hashicorp/random"\n'
        '      version = "~> 2.3"\n    }\n  }\n}\n'
    )
    prepare(real, scratch)
    assert not kept.exists()
    assert "2.3.0" in _versions(scratch, "random")


def test_the_lock_file_of_the_directory_bounds_what_is_offered(tmp_path: Path) -> None:
    real = _lay_out(tmp_path / "clone", git=True)
    (real / ".terraform.lock.hcl").write_text(
        'provider "registry.terraform.io/hashicorp/google" {\n  version = "6.12.0"\n}\n'
    )
    prepare(real, tmp_path / "scratch")
    assert _versions(tmp_path / "scratch", "google") == {"3.90.1", "4.85.0", "5.45.2", "6.12.0"}


def test_modules_that_init_has_fetched_are_taken_over(tmp_path: Path) -> None:
    real = _lay_out(tmp_path / "clone", git=True)
    fetched = real / ".terraform" / "modules"
    (fetched / "lb").mkdir(parents=True)
    (fetched / "lb" / "main.tf").write_text("# fetched\n")
    (fetched / "modules.json").write_text('{"Modules": []}')
    workspace = prepare(real, tmp_path / "scratch")
    ours = workspace.directory / ".terraform" / "modules"
    assert (ours / "lb" / "main.tf").read_text() == "# fetched\n"
    assert not (ours / "modules.json").is_symlink()  # terraform rewrites it


def test_a_cloud_block_is_replaced_by_local_state(tmp_path: Path) -> None:
    real = _lay_out(tmp_path / "clone", git=True)
    (real / "main.tf").write_text('terraform {\n  cloud {\n    organization = "o"\n  }\n}\n')
    workspace = prepare(real, tmp_path / "scratch")
    assert (workspace.directory / "zz_stand_in_override.tf").exists()
