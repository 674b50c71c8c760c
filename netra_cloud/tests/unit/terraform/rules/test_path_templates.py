"""Path templates and their rewrites, as the description of each field has them."""

from pathlib import Path

import pytest

from netra_cloud.terraform.linter import lint_directory

RULES = {"route-path", "path-template-rewrite"}


def route(match: str, rewrite: str = "") -> str:
    action = f"route_action {{\n url_rewrite {{\n path_template_rewrite = {rewrite}\n }}\n }}"
    return f"""variable "template" {{
  type = string
}}
resource "google_compute_url_map" "edge" {{
  name = "edge"
  path_matcher {{
    name = "m"
    route_rules {{
      priority = 1
      match_rules {{
        {match}
      }}
      {action if rewrite else ""}
    }}
  }}
}}
"""


def broken(tmp_path: Path, text: str) -> set[str]:
    (tmp_path / "main.tf").write_text(text)
    return {finding.rule for finding in lint_directory(tmp_path)} & RULES


# The examples of UrlRewrite.path_template_rewrite in compute.proto.
@pytest.mark.parametrize(
    ("template", "rewrite"),
    [
        ("/static/{format=**}", "/static/content/{format}"),
        ("/{country}/{format}/{suffix=**}", "/content/{format}/{country}/{suffix}"),
        ("/a/*/b/**", "/plain"),
    ],
)
def test_the_documented_examples_pass(tmp_path: Path, template: str, rewrite: str) -> None:
    text = route(f'path_template_match = "{template}"', f'"{rewrite}"')
    assert broken(tmp_path, text) == set()


@pytest.mark.parametrize(
    ("match", "rewrite", "rules"),
    [
        ('prefix_match = "api"', "", {"route-path"}),
        ('path_template_match = "{a}"', "", {"route-path"}),
        ('path_template_match = "/*/*/*/*/*/*"', "", {"route-path"}),
        ('path_template_match = "/*/*/*/*/**"', "", set()),
        ('path_template_match = "/{a}"', '"/{b}"', {"path-template-rewrite"}),
        ('prefix_match = "/a"', '"/{a}"', {"path-template-rewrite"}),
        ("path_template_match = var.template", '"/{a}"', set()),
    ],
)
def test_what_the_api_refuses(tmp_path: Path, match: str, rewrite: str, rules: set[str]) -> None:
    assert broken(tmp_path, route(match, rewrite)) == rules
