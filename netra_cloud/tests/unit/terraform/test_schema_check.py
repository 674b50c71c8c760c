"""What terraform validate would refuse, and what only looks like it."""

from pathlib import Path

import pytest

from netra_cloud.terraform.linter import lint_directory

TWO = """
resource "google_compute_url_map" "edge" {
  name = "edge"
%s
}
variable "kind" {
  type = string
}
"""
DYNAMIC = """
  dynamic "default_url_redirect" {
    for_each = %s
    content {
      https_redirect = true
      strip_query    = %s
    }
  }
"""
STATIC = "  default_url_redirect {\n    strip_query = true\n  }\n"


@pytest.mark.parametrize(
    ("blocks", "rules"),
    [
        (DYNAMIC % ('var.kind == "a" ? [1] : []', "true")
         + DYNAMIC % ('var.kind == "a" ? [] : [1]', "false"), set()),
        (DYNAMIC % ("[1, 2]", "true"), {"too-many-blocks"}),
        (STATIC + STATIC, {"too-many-blocks"}),
        (STATIC, set()),
    ],
)  # fmt: skip
def test_only_blocks_that_are_certainly_there_are_counted(
    tmp_path: Path, blocks: str, rules: set[str]
) -> None:
    (tmp_path / "main.tf").write_text(TWO % blocks)
    found = {finding.rule for finding in lint_directory(tmp_path)}
    assert found & {"too-many-blocks"} == rules


def test_a_type_of_another_provider_is_not_judged(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('resource "aws_vpc" "main" {\n  anything = 1\n}\n')
    assert lint_directory(tmp_path) == []
