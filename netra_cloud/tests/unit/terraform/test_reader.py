"""A directory and the modules it calls, read as Terraform would read them."""

import json
from pathlib import Path

import pytest

from netra_cloud.terraform.hcl_source import SyntaxProblem
from netra_cloud.terraform.linter import lint_directory
from netra_cloud.terraform.reader import load, variables_of
from netra_cloud.terraform.values import Unknown

CORRECT = Path(__file__).with_name("correct")
CHILD = """
variable "label" {}
variable "neg" { default = null }
resource "google_x_y" "r" {
  name  = "n-${var.label}"
  group = var.neg
}
output "id" { value = google_x_y.r.id }
output "label" { value = var.label }
"""


def _write(directory: Path, **files: str) -> Path:
    for name, text in files.items():
        file = directory / name.replace("__", "/") / "main.tf"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return directory / "root"


def _names(root: Path) -> dict[str, object]:
    return {r.address: r.body.get("name") for r in load(root).resources}


def test_a_module_beside_is_followed_and_its_references_keep_their_place(tmp_path: Path) -> None:
    root = _write(
        tmp_path,
        modules__child=CHILD,
        root="""
resource "google_x_y" "r" { name = "root" }
module "a" {
  source = "../modules/child"
  label  = "a"
  neg    = google_x_y.r.id
}
resource "google_x_z" "user" {
  name = module.a.label
  via  = module.a.id
}
""",
    )
    configuration = load(root)
    by_address = {r.address: r.body for r in configuration.resources}
    assert by_address["module.a.google_x_y.r"].get("name") == "n-a"
    assert by_address["google_x_z.user"].get("name") == "a"
    outside = by_address["module.a.google_x_y.r"].references()
    inside = by_address["google_x_z.user"].references()
    assert set(outside) == {"google_x_y.r"}
    assert set(inside) == {"module.a.google_x_y.r"}
    assert [r.address for r in configuration.resolve(inside)] == ["module.a.google_x_y.r"]
    assert configuration.files == 2


def test_modules_inside_modules_and_one_for_each_key(tmp_path: Path) -> None:
    root = _write(
        tmp_path,
        modules__child=CHILD,
        modules__outer="""
variable "labels" {}
module "inner" {
  source   = "../child"
  for_each = toset(var.labels)
  label    = each.key
}
output "first" { value = module.inner["a"].label }
""",
        root="""
module "outer" {
  source = "../modules/outer"
  labels = ["b", "a"]
}
resource "google_x_z" "user" { name = module.outer.first }
""",
    )
    assert _names(root) == {
        "google_x_z.user": "a",
        'module.outer.module.inner["a"].google_x_y.r': "n-a",
        'module.outer.module.inner["b"].google_x_y.r': "n-b",
    }


def test_what_is_not_on_this_machine_is_named_until_terraform_has_fetched_it(
    tmp_path: Path,
) -> None:
    call = 'module "lb" {\n  source = "GoogleCloudPlatform/lb-http/google"\n  label = "x"\n}\n'
    root = _write(tmp_path, root=call + 'resource "google_x_z" "u" { name = module.lb.label }\n')
    (missing,) = load(root).not_read
    assert (missing.address, missing.source, missing.line) == (
        "module.lb",
        "GoogleCloudPlatform/lb-http/google",
        1,
    )
    unknown = _names(root)["google_x_z.u"]
    assert isinstance(unknown, Unknown)
    _write(root, **{".terraform__modules__lb": CHILD})
    manifest = {"Modules": [{"Key": "lb", "Source": "…", "Dir": ".terraform/modules/lb"}]}
    (root / ".terraform" / "modules" / "modules.json").write_text(json.dumps(manifest))
    assert load(root).not_read == []
    assert _names(root)["google_x_z.u"] == "x"


def test_modules_that_depend_on_each_other_end(tmp_path: Path) -> None:
    root = _write(
        tmp_path,
        modules__child=CHILD,
        modules__self='module "again" {\n  source = "../self"\n}\n',
        root="""
module "a" {
  source = "../modules/child"
  label  = module.b.label
}
module "b" {
  source = "../modules/child"
  label  = module.a.label
}
module "self" { source = "../modules/self" }
""",
    )
    configuration = load(root)
    assert {r.module for r in configuration.resources} == {"module.a.", "module.b."}
    assert len(configuration.not_read) == 1


@pytest.mark.parametrize(
    ("count", "addresses"),
    [
        ("0", []),
        ("var.on ? 1 : 0", ["google_x_y.r[0]"]),
        ("2", ["google_x_y.r[0]", "google_x_y.r[1]"]),
        ("var.unset", ["google_x_y.r"]),
    ],
)
def test_count(count: str, addresses: list[str], tmp_path: Path) -> None:
    text = f"""
variable "on" {{ default = true }}
variable "unset" {{}}
resource "google_x_y" "r" {{
  count = {count}
  name  = "n-${{count.index}}"
}}
resource "google_x_z" "user" {{ via = google_x_y.r[0].id }}
"""
    root = _write(tmp_path, root=text)
    configuration = load(root)
    found = [r.address for r in configuration.resources if r.type == "google_x_y"]
    assert found == addresses
    user = next(configuration.of_type("google_x_z"))
    if addresses:
        assert configuration.referenced(user.body, "via")[0].address == addresses[0]


def test_values_come_from_where_terraform_takes_them(tmp_path: Path) -> None:
    (tmp_path / "terraform.tfvars").write_text('a = "1"\nb = ["x"]\n')
    (tmp_path / "z.auto.tfvars").write_text('a = "2"\n')
    (tmp_path / "other.tfvars").write_text('a = "3"\n')
    assert variables_of(tmp_path) == {"a": "2", "b": ["x"]}
    (tmp_path / "z.auto.tfvars").write_text("a = = 1\n")
    with pytest.raises(SyntaxProblem):
        variables_of(tmp_path)


def test_rules_see_through_a_module(tmp_path: Path) -> None:
    """The same stack, its backend service in a module: the rule finds the serverless group."""
    text = (CORRECT / "main.tf").read_text()
    start = text.index('resource "google_compute_backend_service" "chat"')
    end = text.index("\n}\n", start) + 3
    service = text[start:end]
    rest = text[:start] + text[end:]
    group = "google_compute_region_network_endpoint_group.chat.id"
    policy = "google_compute_security_policy.chat.id"
    inner = (
        'variable "group" {}\nvariable "policy" {}\n'
        + service.replace(group, "var.group").replace(policy, "var.policy")
        + 'output "id" { value = google_compute_backend_service.chat.id }\n'
    )
    call = (
        'module "chat" {\n  source = "../modules/chat"\n'
        f"  group = {group}\n  policy = {policy}\n}}\n"
    )
    outer = rest.replace("google_compute_backend_service.chat.id", "module.chat.id") + call
    root = _write(tmp_path, modules__chat=inner, root=outer)
    assert lint_directory(root) == []
    _write(tmp_path, modules__chat=inner.replace("protocol ", "timeout_sec = 86400\n  protocol "))
    (finding,) = lint_directory(root)
    assert finding.rule == "serverless-timeout"
    assert finding.address == "module.chat.google_compute_backend_service.chat"
    assert finding.file.resolve() == (tmp_path / "modules" / "chat" / "main.tf").resolve()
    assert "'86400'" in (finding.api_error or "")
