"""Every rule fires on its example and on nothing else."""

from pathlib import Path

import pytest

from netra_cloud.terraform.linter import RULES, lint_directory
from netra_cloud.tests.unit.terraform.rule_examples import (
    ARMOR,
    CLASSIC,
    CLASSIC_WITH_ROUTE_ACTION,
    COMBINED,
    EXAMPLES,
    GROUP,
    MATCHER,
    PATH_RULE,
    ROUTE_RULE,
    edits_of,
)

CORRECT = Path(__file__).with_name("correct")
REPOSITORY = Path(__file__).parents[4]


def _rules_broken(directory: Path, *edits: tuple[str, str]) -> set[str]:
    text = (CORRECT / "main.tf").read_text()
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    (directory / "main.tf").write_text(text)
    return {finding.rule for finding in lint_directory(directory)}


def test_correct_stack_has_no_findings() -> None:
    assert lint_directory(CORRECT) == []


def test_own_stack_has_no_findings() -> None:
    assert lint_directory(REPOSITORY / "terraform-gcp-staging") == []


@pytest.mark.parametrize(
    ("rule", "old", "new"), EXAMPLES, ids=[f"{n}-{e[0]}" for n, e in enumerate(EXAMPLES)]
)
def test_rule_fires_on_its_example_and_no_other_does(
    rule: str, old: str, new: str, tmp_path: Path
) -> None:
    assert _rules_broken(tmp_path, (old, new)) == {rule}


def test_classic_load_balancer_ignores_header_actions(tmp_path: Path) -> None:
    assert _rules_broken(tmp_path, *CLASSIC) == {"classic-scheme", "header-action-on-classic"}


def test_classic_load_balancer_ignores_route_actions(tmp_path: Path) -> None:
    broken = _rules_broken(tmp_path, *CLASSIC_WITH_ROUTE_ACTION)
    assert "route-action-on-classic" in broken


def test_classic_load_balancer_has_no_route_rules(tmp_path: Path) -> None:
    broken = _rules_broken(tmp_path, *CLASSIC, (PATH_RULE, ROUTE_RULE))
    assert "route-rules-on-classic" in broken


def test_cdn_and_iap_exclude_each_other(tmp_path: Path) -> None:
    edit = (ARMOR, ARMOR + "  enable_cdn = true\n  iap {\n    enabled = true\n  }\n")
    assert _rules_broken(tmp_path, edit) == {"cdn-with-iap", "sockets-through-cdn"}


def test_groups_that_capture_nothing_are_fine(tmp_path: Path) -> None:
    rule = next(new for name, _, new in EXAMPLES if name == "armor-capture-group")
    edit = ('  name = "chat"\n}', rule.replace("(a|b)", "(?:a|b)[(]"))
    assert _rules_broken(tmp_path, edit) == set()


UNKNOWN_ARGUMENTS = "".join(
    f"  {name} = var.unknown\n"
    for name in ("timeout_sec", "port_name", "session_affinity", "health_checks", "enable_cdn")
)


def test_nothing_is_claimed_about_what_is_not_known(tmp_path: Path) -> None:
    """Modules leave arguments to their callers: an unknown one may be null, a block may be none."""
    variable = 'variable "unknown" {}\nresource "google_compute_health_check" "elsewhere" {'
    perhaps = (
        MATCHER + '    dynamic "route_rules" {\n      for_each = var.unknown\n      content {\n'
        "        priority = 1\n        service = google_compute_backend_service.chat.id\n"
        "      }\n    }\n"
    )
    edits = (
        ('resource "google_compute_health_check" "elsewhere" {', variable),
        (ARMOR, ARMOR + UNKNOWN_ARGUMENTS),
        (GROUP, GROUP + "    balancing_mode = var.unknown\n"),
        (MATCHER, perhaps),
    )
    assert _rules_broken(tmp_path, *edits) == set()


def test_the_beta_provider_has_a_schema_of_its_own(tmp_path: Path) -> None:
    beta = "  provider = google-beta\n  dynamic_forwarding {}\n"
    assert _rules_broken(tmp_path, (ARMOR, ARMOR + beta)) == set()
    released = beta.replace("google-beta", "google")
    assert _rules_broken(tmp_path, (ARMOR, ARMOR + released)) == {"unsupported-block"}


def test_every_rule_has_an_example() -> None:
    shown = {rule for rule, _, _ in EXAMPLES} | COMBINED.keys()
    assert {rule.id for rule in RULES} <= shown


@pytest.mark.parametrize("rule", sorted(COMBINED))
def test_the_published_example_breaks_its_rule(rule: str, tmp_path: Path) -> None:
    assert rule in _rules_broken(tmp_path, *edits_of(rule))


def test_rule_ids_are_unique_and_every_rule_says_where_it_comes_from() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)
    assert all(rule.reference and rule.why and rule.remedy for rule in RULES)
