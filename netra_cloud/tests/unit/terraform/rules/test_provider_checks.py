"""What the provider refuses before a plan, and what it does not.

The right answers are those of helper/schema/schema.go in terraform-plugin-sdk v2 for the
definitions in magic-modules.
"""

from pathlib import Path

import pytest

from netra_cloud.terraform.configuration import Configuration, Resource
from netra_cloud.terraform.findings import Options
from netra_cloud.terraform.linter import lint_directory
from netra_cloud.terraform.rules.provider_checks import RULES
from netra_cloud.terraform.values import BlockValue

IDS = {rule.id for rule in RULES}
VARIABLES = """
variable "text" {
  type = string
}
variable "list" {
  type = list(string)
}
variable "empty" {
  type    = list(string)
  default = []
}
"""


def found(folder: Path, text: str) -> set[tuple[str, int, str]]:
    (folder / "main.tf").write_text(text + VARIABLES)
    return {(one.rule, one.line, one.message) for one in lint_directory(folder) if one.rule in IDS}


def secret(body: str) -> str:
    return f'resource "google_secret_manager_secret" "a" {{\n  secret_id = "a"\n{body}}}\n'


def firewall(*lines: str) -> str:
    body = "".join(f"  {line}\n" for line in ('name = "a"', 'network = "b"', *lines))
    return f'resource "google_compute_firewall" "a" {{\n{body}}}\n'


MAY_BE_AUTO = (
    '  replication {\n    dynamic "auto" {\n      for_each = var.list\n      content {}\n'
    "    }\n  }\n"
)
BOTH = (
    "  replication {\n    auto {\n      customer_managed_encryption {\n"
    '        kms_key_name = "k"\n      }\n    }\n    user_managed {\n      replicas {\n'
    '        location = "us-east1"\n      }\n    }\n  }\n'
)
MAY_HAVE_TOPICS = (
    '  dynamic "topics" {\n    for_each = var.list\n    content {\n'
    "      name = topics.value\n    }\n  }\n"
)
PROFILES = "COMPATIBLE, MODERN, RESTRICTED, CUSTOM, FIPS_202205"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ('"FAST"', f'profile = "FAST", allowed: {PROFILES}'),
        ('"modern"', f'profile = "modern", allowed: {PROFILES}'),
        ('"MODERN"', None),
        ('""', None),  # as good as not written
        ("null", None),
        ("var.text", None),
    ],
)
def test_words(value: str, message: str | None, tmp_path: Path) -> None:
    policy = f'resource "google_compute_ssl_policy" "a" {{\n  name = "a"\n  profile = {value}\n}}\n'
    assert found(tmp_path, policy) == ({("provider-value", 3, message)} if message else set())


@pytest.mark.parametrize(
    ("value", "rules"),
    [
        ("0", set()),
        ("59", set()),
        ("60", {"provider-value"}),
        ('"60"', {"provider-value"}),
        ("-1", {"provider-value"}),
    ],
)
def test_bounds(value: str, rules: set[str], tmp_path: Path) -> None:
    # mmv1/products/osconfig/PatchDeployment.yaml: minutes, validation.IntBetween(0,59)
    text = (
        'resource "google_os_config_patch_deployment" "a" {\n  patch_deployment_id = "a"\n'
        "  instance_filter {\n    all = true\n  }\n  recurring_schedule {\n"
        f'    time_zone {{\n      id = "UTC"\n    }}\n    time_of_day {{\n      minutes = {value}\n'
        "    }\n    monthly {\n      month_day = 1\n    }\n  }\n}\n"
    )
    assert {rule for rule, _, _ in found(tmp_path, text)} == rules


@pytest.mark.parametrize(
    ("lines", "lines_found"),
    [
        (('source_tags = ["a"]', 'source_service_accounts = ["b"]'), {5}),
        (('source_service_accounts = ["b"]', 'source_tags = ["a"]'), {5}),
        (('source_tags = ["a"]', "source_service_accounts = var.list"), set()),
        (('source_tags = ["a"]', "source_service_accounts = null"), set()),
        (('source_tags = ["a"]', "source_service_accounts = []"), set()),
        (('source_tags = ["a"]',), set()),
    ],
)
def test_conflicts_are_reported_once_at_the_later_one(
    lines: tuple[str, ...], lines_found: set[int], tmp_path: Path
) -> None:
    text = firewall(*lines)
    assert {
        line for rule, line, _ in found(tmp_path, text) if rule == "provider-conflict"
    } == lines_found


@pytest.mark.parametrize(
    ("body", "rules"),
    [
        ("  replication {\n  }\n", {"provider-alternatives"}),
        ("  replication {\n    auto {}\n  }\n", set()),
        (MAY_BE_AUTO, set()),
        (
            MAY_BE_AUTO.replace("var.list", "var.empty"),
            set(),
        ),  # the value of another caller may set it
        (BOTH, {"provider-alternatives"}),
    ],
)
def test_alternatives(body: str, rules: set[str], tmp_path: Path) -> None:
    assert {rule for rule, _, _ in found(tmp_path, secret(body))} == rules


@pytest.mark.parametrize(
    ("topics", "rules"),
    [
        ("", {"provider-companion"}),
        ('  topics {\n    name = "t"\n  }\n', set()),
        (MAY_HAVE_TOPICS, set()),
    ],
)
def test_companions(topics: str, rules: set[str], tmp_path: Path) -> None:
    rotation = '  rotation {\n    rotation_period = "3600s"\n  }\n'
    body = "  replication {\n    auto {}\n  }\n" + rotation + topics
    assert {rule for rule, _, _ in found(tmp_path, secret(body))} == rules


def test_a_key_that_is_an_expression_is_no_value(tmp_path: Path) -> None:
    text = (
        'resource "google_compute_address" "a" {\n'
        '  for_each = { "${var.text}-left" = 1 }\n  name = each.key\n}\n'
        'resource "google_compute_address" "b" {\n'
        '  for_each = toset(["${var.text}-left", "Wrong"])\n  name = each.key\n}\n'
    )
    assert {
        (line, message.partition(" does")[0]) for _, line, message in found(tmp_path, text)
    } == {(7, 'name = "Wrong"')}


def test_a_firewall_without_a_verdict(tmp_path: Path) -> None:
    # https://github.com/terraform-google-modules/terraform-google-lb-http/issues/476
    assert {rule for rule, _, _ in found(tmp_path, firewall())} == {"provider-alternatives"}
    allowed = firewall("allow {", '  protocol = "tcp"', "}")
    assert found(tmp_path, allowed) == set()


def test_another_rule_at_the_same_place_is_enough(tmp_path: Path) -> None:
    text = (
        'resource "google_compute_backend_service" "a" {\n  name = "a"\n'
        '  load_balancing_scheme = "EXTERNAL_MANAGED"\n  protocol = "HTPP"\n}\n'
    )
    (tmp_path / "main.tf").write_text(text)
    assert [one.line for one in lint_directory(tmp_path)] == [4]


def test_another_version_of_the_provider_makes_them_warnings(tmp_path: Path) -> None:
    pin = (
        'terraform {\n  required_providers {\n    google = {\n      source = "hashicorp/google"\n'
        '      version = "~> 5.0"\n    }\n  }\n}\n'
    )
    (tmp_path / "main.tf").write_text(pin + secret("  replication {\n  }\n"))
    assert [(one.rule, one.severity) for one in lint_directory(tmp_path)] == [
        ("provider-alternatives", "warning")
    ]


def test_blocks_of_an_unknown_number_may_be_the_required_ones() -> None:
    # As the stand-in receives `dynamic "user_managed"` over an unknown value.
    body = BlockValue(
        attributes={"secret_id": "a"},
        blocks={"replication": [BlockValue(open_blocks=frozenset({"user_managed"}))]},
    )
    resource = Resource("google_secret_manager_secret", "a", None, body, Path("main.tf"))
    assert [
        violation
        for rule in RULES
        for violation in rule.check(resource, Configuration([resource]), Options())
    ] == []
