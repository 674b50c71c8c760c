"""The rule index is equal to the code."""

from netra_cloud.terraform.linter import RULES
from netra_ops.documentation.edge_rules import rule_index
from netra_ops.stack.paths import project_root


def test_the_page_is_up_to_date() -> None:
    page = project_root() / "docs" / "edge-rules.md"
    assert page.read_text() == rule_index(), "run scripts/generate_edge_docs.py"


def test_every_rule_has_source_remedy_and_a_failing_example() -> None:
    sections = rule_index().split("\n## ")[1:]
    assert len(sections) == len(RULES)
    for rule, section in zip(RULES, sections, strict=True):
        assert section.startswith(f"`{rule.id}`")
        assert f"Source: {rule.reference}" in section
        assert rule.api_error is None or rule.api_error in section
        example = section.partition("```diff\n")[2]
        assert any(line.startswith(("+", "-")) for line in example.splitlines()), rule.id
