"""Forwarding rules, proxies, maps and services of one kind and one scheme."""

from pathlib import Path

import pytest

from netra_cloud.terraform.linter import lint_directory

RULES = {"scheme-mismatch", "proxy-of-another-kind"}


def stack(rule: str, service: str, map_type: str = "google_compute_url_map") -> str:
    return f"""resource "google_compute_backend_service" "app" {{
  name                  = "app"
  load_balancing_scheme = {service}
}}
resource "{map_type}" "edge" {{
  name            = "edge"
  default_service = google_compute_backend_service.app.id
}}
resource "google_compute_target_http_proxy" "edge" {{
  name    = "edge"
  url_map = {map_type}.edge.id
}}
resource "google_compute_global_forwarding_rule" "edge" {{
  name                  = "edge"
  target                = google_compute_target_http_proxy.edge.id
  port_range            = "80"
  load_balancing_scheme = {rule}
}}
variable "scheme" {{
  type = string
}}
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (stack('"EXTERNAL_MANAGED"', '"EXTERNAL_MANAGED"'), set()),
        (stack('"EXTERNAL_MANAGED"', '"EXTERNAL"'), {("scheme-mismatch", 17)}),
        (stack('"INTERNAL_MANAGED"', '"EXTERNAL_MANAGED"'), {("scheme-mismatch", 17)}),
        (stack('"EXTERNAL"', '"EXTERNAL_MANAGED"'), set()),  # a migration
        (stack("var.scheme", '"EXTERNAL"'), set()),
        (
            stack('"EXTERNAL_MANAGED"', '"EXTERNAL_MANAGED"', "google_compute_region_url_map"),
            {("proxy-of-another-kind", 11)},
        ),
    ],
)
def test_a_front_fits_what_is_behind_it(
    tmp_path: Path, text: str, expected: set[tuple[str, int]]
) -> None:
    (tmp_path / "main.tf").write_text(text)
    assert {
        (one.rule, one.line) for one in lint_directory(tmp_path) if one.rule in RULES
    } == expected
