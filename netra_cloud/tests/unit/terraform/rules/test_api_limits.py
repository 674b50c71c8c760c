"""Values that a field's description excludes; what is not known claims nothing."""

from pathlib import Path

import pytest

from netra_cloud.terraform.linter import lint_directory

RULES = {"value-out-of-range", "unknown-value", "exclusive-fields"}


def found(tmp_path: Path, text: str) -> list[tuple[str, int, str]]:
    (tmp_path / "main.tf").write_text(text)
    return [
        (one.rule, one.line, one.message) for one in lint_directory(tmp_path) if one.rule in RULES
    ]


def backend(body: str) -> str:
    return f"""resource "google_compute_backend_service" "app" {{
  name                  = "app"
  load_balancing_scheme = "EXTERNAL_MANAGED"
{body}
}}
variable "text" {{
  type = string
}}
"""


def matches(body: str) -> str:
    return f"""resource "google_compute_url_map" "edge" {{
  name = "edge"
  path_matcher {{
    name = "m"
    route_rules {{
      priority = 1
      match_rules {{
{body}
      }}
    }}
  }}
}}
"""


@pytest.mark.parametrize(
    ("text", "rule", "line", "message"),
    [
        (
            backend("  timeout_sec = -1"), "value-out-of-range", 4,
            "timeout_sec = -1, allowed: 1 to 2,147,483,647 (BackendService.timeout_sec)",
        ),
        (
            backend('  protocol = "HTTPX"'), "unknown-value", 4,
            (
                'protocol = "HTTPX", allowed: GRPC, H2C, HTTP, HTTP2, HTTPS, SSL, TCP, UDP, '
                "UNSPECIFIED (BackendService.protocol)"
            ),
        ),
        (
            backend("").replace('"app"\n', '"App_Backend"\n', 1), "unknown-value", 2,
            'name = "App_Backend" does not match [a-z]([-a-z0-9]*[a-z0-9])? (BackendService.name)',
        ),
        (
            backend("").replace('"app"\n', '"a%s"\n' % ("b" * 63), 1), "value-out-of-range", 2,
            "name has 64 characters, allowed are 1 to 63 (BackendService.name)",
        ),
        (
            matches('        prefix_match = "/"\n        full_path_match = "/a"'),
            "exclusive-fields", 9,
            (
                "prefix_match and full_path_match exclude each other "
                "(HttpRouteRuleMatch.full_path_match)"
            ),
        ),
        (
            matches(
                '        header_matches {\n          header_name = "a"\n'
                "          present_match = true\n          range_match {\n"
                "            range_start = 1\n            range_end = 2\n          }\n        }"
            ),
            "exclusive-fields", 11,
            "present_match and range_match exclude each other (HttpHeaderMatch.range_match)",
        ),
    ],
)  # fmt: skip
def test_a_value_that_the_description_excludes(
    tmp_path: Path, text: str, rule: str, line: int, message: str
) -> None:
    assert found(tmp_path, text) == [(rule, line, message)]


@pytest.mark.parametrize(
    "text",
    [
        backend("  timeout_sec = 30"),
        backend('  timeout_sec = "30"'),
        backend("  timeout_sec = 0"),  # the provider does not send this zero
        backend("  protocol = var.text"),
        backend("  protocol = null"),
        backend("  custom_request_headers = []"),
        matches('        prefix_match = "/"\n        ignore_case = false'),
        matches(
            '        prefix_match = "/"\n        header_matches {\n'
            '          header_name = "a"\n          exact_match = "b"\n'
            '          present_match = false\n          regex_match = ""\n        }'
        ),
    ],
)
def test_what_is_allowed_unset_or_not_known_is_no_finding(tmp_path: Path, text: str) -> None:
    assert found(tmp_path, text) == []


def test_a_dynamic_block_that_may_be_empty_excludes_nothing(tmp_path: Path) -> None:
    text = matches(
        '        prefix_match = "/"\n        dynamic "header_matches" {\n'
        "          for_each = var.unknown\n          content {\n"
        '            header_name = "a"\n            exact_match = "b"\n'
        "          }\n        }"
    )
    assert found(tmp_path, text + 'variable "unknown" {\n  type = set(string)\n}\n') == []
