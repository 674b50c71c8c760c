"""The guide's own load balancer: every mistake in it is found, at its line."""

import json
from pathlib import Path

from netra_cloud.terraform.linter import RULES, lint_directory
from netra_cloud.terraform.report import as_json, as_sarif, as_text

GUIDE = Path(__file__).with_name("guide")
SOURCE = (GUIDE / "load-balancer.tf").read_text().splitlines()

# What facts about the guide's snippet list as wrong: rule, and the beginning of the line it is at.
MISTAKES = (
    ("header-action-in-path-rule", "header_action {"),
    ("header-action-on-classic", "header_action {"),
    ("unknown-header-variable", 'header_value = "{http_authorization}"'),
    ("unknown-header-variable", 'header_value = "{http_sec_websocket_protocol}"'),
    ("credential-copied", 'header_name  = "X-Original-Authorization"'),
    ("classic-scheme", "load_balancing_scheme"),
    ("serverless-timeout", "timeout_sec"),
    ("serverless-health-check", "health_checks"),
    ("probe-with-proxy-header", "proxy_header"),
    ("serverless-capacity", "balancing_mode"),
    ("serverless-affinity", "session_affinity"),
    ("backend-unreferenced", 'resource "google_compute_backend_service" "websocket_backend"'),
    ("socket-path-without-children", 'paths   = ["/ws"]'),
    ("forbidden-header-name", "custom_request_headers"),
    ("ingress-beside-armor", "ingress"),
    ("socket-timeout", 'timeout = "600s"'),
)


def test_every_mistake_of_the_guide_is_found_at_its_line() -> None:
    found = {(f.rule, SOURCE[f.line - 1].strip()) for f in lint_directory(GUIDE)}
    missing = [
        mistake
        for mistake in MISTAKES
        if not any(rule == mistake[0] and line.startswith(mistake[1]) for rule, line in found)
    ]
    assert missing == []


def test_values_that_equal_the_default_are_not_mistakes() -> None:
    """`port_name = "http"` and `capacity_scaler = 1.0` are what the provider sends by itself."""
    lines = {SOURCE[f.line - 1].strip() for f in lint_directory(GUIDE)}
    assert not any(line.startswith(("port_name", "capacity_scaler")) for line in lines)


def test_text_shows_place_source_answer_and_remedy() -> None:
    text = as_text(lint_directory(GUIDE), GUIDE)
    assert "error[serverless-timeout]: timeout_sec = 86400 on a serverless backend" in text
    assert "--> load-balancer.tf:61  google_compute_backend_service.websocket_backend" in text
    assert "61 |   timeout_sec             = 86400\n   |   ^^^^^^^^^^^" in text
    assert "Timeout sec is not supported for a backend service with Serverless" in text
    assert "= remedy: remove timeout_sec" in text
    assert text.endswith(" warnings")


def test_json_holds_what_the_text_says() -> None:
    findings = lint_directory(GUIDE)
    document = json.loads(as_json(findings, GUIDE))
    assert len(document["findings"]) == len(findings)
    assert document["summary"]["errors"] + document["summary"]["warnings"] == len(findings)
    assert document["findings"][0]["file"] == "load-balancer.tf"


def test_sarif_refers_to_declared_rules() -> None:
    log = json.loads(as_sarif(lint_directory(GUIDE), RULES, GUIDE))
    run = log["runs"][0]
    declared = {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    assert {result["ruleId"] for result in run["results"]} <= declared
    assert all(
        result["locations"][0]["physicalLocation"]["region"]["startLine"] > 0
        for result in run["results"]
    )
