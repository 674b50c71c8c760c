"""What counts as used: also what other values of the variables would use."""

from pathlib import Path

import pytest

from netra_cloud.terraform.linter import lint_directory
from netra_cloud.terraform.reader import load

STACK = """
variable "domain" {
  default = ""
}
resource "google_compute_backend_service" "always" {
  name                  = "always"
  load_balancing_scheme = "EXTERNAL_MANAGED"
}
resource "google_compute_backend_service" "sometimes" {
  name                  = "sometimes"
  load_balancing_scheme = "EXTERNAL_MANAGED"
}
resource "google_compute_url_map" "edge" {
  name            = "edge"
  default_service = google_compute_backend_service.always.id
%s
}
%s
"""
DYNAMIC = """
  dynamic "path_matcher" {
    for_each = var.domain == "" ? [] : [var.domain]
    iterator = %s
    content {
      name            = %s.value
      default_service = google_compute_backend_service.sometimes.id
    }
  }
"""
OTHER_MAP = """
resource "google_compute_url_map" "other" {
  %s
  name            = "other"
  default_service = google_compute_backend_service.sometimes.id
}
"""
UNUSED = "nothing sends requests to google_compute_backend_service.sometimes"


@pytest.mark.parametrize(
    ("inside", "beside", "messages"),
    [
        ("", "", [UNUSED]),
        (DYNAMIC % ("path_matcher", "path_matcher"), "", []),
        (DYNAMIC % ("matcher", "matcher"), "", []),
        ("", OTHER_MAP % 'count = var.domain == "" ? 0 : 1', []),
        ("", OTHER_MAP % "for_each = toset([])", []),
    ],
)
def test_what_other_values_would_use_is_used(
    tmp_path: Path, inside: str, beside: str, messages: list[str]
) -> None:
    (tmp_path / "main.tf").write_text(STACK % (inside, beside))
    found = lint_directory(tmp_path)
    assert [one.message for one in found if one.rule == "backend-unreferenced"] == messages


def test_a_question_is_answered_once(tmp_path: Path) -> None:
    configuration = load(tmp_path)
    asked: list[int] = []

    def answer() -> int:
        asked.append(1)
        return 42

    assert [configuration.once(("what",), answer) for _ in range(3)] == [42, 42, 42]
    assert configuration.once(("else",), lambda: "x") == "x"
    assert asked == [1]
