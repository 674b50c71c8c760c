"""What docs/fidelity.md and docs/deviations.md claim exists."""

import re
from collections.abc import Iterator
from pathlib import Path

from netra_cloud.terraform.hcl_source import parse_file, source_text
from netra_cloud.terraform.linter import RULES
from netra_ops.documentation.edge import fill_edge_page, fill_stack_page
from netra_ops.stack.paths import project_root
from netra_ops.stack_directory import STACK

DOCS = project_root() / "docs"
TEST = re.compile(r"`(test_\w+\.py)(?:::(test_\w+))?`")
ROOMS = ("netra_cloud", "netra_ops", "tests")


def _rows(page: str) -> Iterator[list[str]]:
    for line in (DOCS / page).read_text().splitlines():
        if line.startswith("| ") and not line.startswith("|---"):
            yield [cell.strip() for cell in line.strip("|").split("|")]


def _files(name: str) -> list[Path]:
    return [file for room in ROOMS for file in (project_root() / room).rglob(name)]


def test_every_test_that_the_fidelity_page_names_exists() -> None:
    named = set(TEST.findall((DOCS / "fidelity.md").read_text()))
    assert len(named) >= 30
    missing = [
        (file, test)
        for file, test in named
        if not any(f"def {test}" in found.read_text() for found in _files(file))
    ]
    assert missing == []


def test_every_line_of_the_fidelity_page_has_its_cells() -> None:
    assert {len(row) for row in _rows("fidelity.md")} == {5}


def test_every_departure_names_rules_that_exist_and_quotes_their_answer() -> None:
    rules = {rule.id: rule for rule in RULES}
    named = [
        (row, rule_id)
        for row in _rows("deviations.md")
        if len(row) == 4 and row[0] != "the guide"
        for rule_id in re.findall(r"`([\w-]+)`", row[3])
    ]
    assert {rule_id for _, rule_id in named} <= rules.keys()
    for row, rule_id in named:
        answer = rules[rule_id].api_error
        if answer is not None:
            last_sentence = answer.split("'. ")[-1]
            assert last_sentence.split(": ")[-1] in row[1], rule_id


def test_every_mistake_of_the_guides_fixture_is_explained() -> None:
    fixture = project_root() / "netra_cloud/tests/unit/terraform/test_guide_fixture.py"
    mistakes = set(re.findall(r'^    \("([\w-]+)", ', fixture.read_text(), re.MULTILINE))
    text = (DOCS / "deviations.md").read_text()
    assert len(mistakes) >= 15
    assert [rule for rule in mistakes if f"`{rule}`" not in text] == []


def test_the_generated_tables_are_up_to_date() -> None:
    edge, stack = DOCS / "edge.md", STACK / "README.md"
    assert fill_edge_page(edge.read_text()) == edge.read_text(), "run scripts/generate_edge_docs.py"
    page = stack.read_text()
    assert fill_stack_page(page, STACK) == page, "run scripts/generate_edge_docs.py"


def test_every_variable_of_the_stack_is_typed_described_and_validated() -> None:
    blocks = [b for file in STACK.glob("*.tf") for b in parse_file(file).blocks]
    variables = {b.labels[0]: b for b in blocks if b.type == "variable"}
    assert len(variables) >= 15
    incomplete = [
        name
        for name, block in variables.items()
        if not {"type", "description"} <= block.body.arguments.keys()
        or (source_text(block.body.arguments["type"].expression) != "bool")
        > any(block.nested("validation"))
    ]
    assert incomplete == []
    outputs = [b for b in blocks if b.type == "output"]
    assert all("description" in block.body.arguments for block in outputs)
