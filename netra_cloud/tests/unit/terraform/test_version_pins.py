"""Version constraints, and lint of a configuration that requires another version."""

from pathlib import Path

import pytest

from netra_cloud.terraform.findings import Severity
from netra_cloud.terraform.linter import lint_directory
from netra_cloud.terraform.version_pins import admits, may_admit_below, may_admit_from

STACK = """
terraform {
  required_providers {
    google = {
      source = "hashicorp/google"
      %s
    }
  }
}
resource "google_compute_backend_service" "app" {
  name                  = "app"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  iap {
    oauth2_client_id     = "id"
    oauth2_client_secret = "secret"
  }
}
"""


@pytest.mark.parametrize(
    ("constraint", "expected"),
    [
        ("8.7.0", True),
        ("= 8.7.0", True),
        ("4.59.0", False),
        (">= 5.0", True),
        (">= 5.0, < 8", False),
        (">= 5.0, < 9", True),
        ("~> 8.0", True),
        ("~> 8.7.0", True),
        ("~> 8.6.0", False),
        ("~> 7.0", False),
        ("~> 8", True),
        ("> 8.7.0", False),
        ("!= 8.7.0", False),
        ("<= 8.7", True),
        ("8.7.0-beta", True),  # cannot be read here
    ],
)
def test_a_constraint_admits_a_version(constraint: str, expected: bool) -> None:  # noqa: FBT001  a table
    assert admits(constraint, "8.7.0") is expected


@pytest.mark.parametrize(
    ("line", "severity"),
    [
        ("", Severity.ERROR),
        ('version = "~> 8.0"', Severity.ERROR),
        ('version = "4.59.0"', Severity.WARNING),
        ('version = ">= 4.0, < 8"', Severity.WARNING),
    ],
)
def test_what_only_the_schema_says_is_a_warning_for_another_version(
    tmp_path: Path, line: str, severity: Severity
) -> None:
    (tmp_path / "main.tf").write_text(STACK % line)
    (found,) = [one for one in lint_directory(tmp_path) if one.rule == "missing-argument"]
    assert found.severity is severity
    assert ("the configuration requires" in found.why) == (severity is Severity.WARNING)


@pytest.mark.parametrize(
    ("constraint", "which"),
    [
        ("~> 6.0", "older"),
        ("~> 7.1.2", "older"),
        ("~> 7", "either"),
        (">= 7.0", "either"),
        (">= 8.0", "newer"),
        ("> 8.0", "newer"),
        ("< 8", "older"),
        ("<= 8.0.0", "either"),
        ("= 7.3.1", "older"),
        ("8.1.0", "newer"),
        ("!= 7.0", "either"),
        (">= 6, < 9", "either"),
        ("unreadable", "either"),
    ],
)
def test_whether_a_constraint_decides_between_older_and_newer(constraint: str, which: str) -> None:
    version = (8, 0, 0)
    assert may_admit_below(constraint, version) is (which in {"older", "either"})
    assert may_admit_from(constraint, version) is (which in {"newer", "either"})
