from pathlib import Path

import pytest

from netra_ops.check.prose.glossary import GlossaryMalformed, load_glossary, parse_glossary

GLOSSARY = Path(__file__).parents[5] / "docs" / "glossary.md"
TABLE = "<!-- replaced words -->\n| a | b | c |\n|---|---|---|\n{rows}<!-- end -->\n"


def test_a_row_has_words_replacement_and_allowed_phrases() -> None:
    (row,) = parse_glossary(TABLE.format(rows="| `Away`, `far` | unavailable | `going away` |\n"))
    assert row.words == ("away", "far")
    assert row.write == "unavailable"
    assert row.allowed == ("going away",)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("# Glossary\n", "no table"),
        (TABLE.format(rows=""), "no rows"),
        (TABLE.format(rows="| `away` | unavailable |\n"), "expected 3 columns, got 2"),
        (TABLE.format(rows="| away | unavailable | |\n"), "needs a replaced word"),
        (TABLE.format(rows="| `away` | | |\n"), "needs a replaced word"),
    ],
)
def test_a_malformed_table_is_reported(text: str, problem: str) -> None:
    with pytest.raises(GlossaryMalformed, match=problem):
        parse_glossary(text)


def test_no_word_of_the_projects_glossary_is_replaced_twice() -> None:
    words = [word for row in load_glossary(GLOSSARY) for word in row.words]
    assert "begun" in words
    assert len(words) == len(set(words))
