"""Decision records have one template: status, date, area, context, decision, consequences, code."""

import re
from datetime import date
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]
RECORDS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
HEAD = re.compile(
    r"# (?P<number>\d+)\. (?P<title>[^\n]{1,100})\n\n"
    r"- Status: (?P<status>[^\n]+)\n- Date: (?P<date>\d{4}-\d\d-\d\d)\n- Area: (?P<area>[^\n]+)\n\n"
)
SECTIONS = [["Context", "Decision", "Consequences", "Code"],
            ["Context", "Decision", "Consequences", "Measurements", "Code"]]  # fmt: skip
STATUS = re.compile(
    r"accepted|(accepted; replaces|replaced by) \[(?P<number>\d+)\]\((?P<file>\S+)\)"
)
CODE_PATH = re.compile(r"`([\w./-]+)`")
ABBREVIATIONS = re.compile(r"\b(e\.g|i\.e|\d)\.")


def sections(text: str) -> dict[str, str]:
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.mark.parametrize("record", RECORDS, ids=lambda path: path.name)
def test_a_record_follows_the_template(record: Path) -> None:
    text = record.read_text("utf-8")
    head = HEAD.match(text)
    assert head is not None, "title, status, date and area"
    assert int(head["number"]) == int(record.name[:4])
    assert date.fromisoformat(head["date"]) <= date.today()  # noqa: DTZ011  # dates of records are local
    status = STATUS.fullmatch(head["status"])
    assert status is not None, head["status"]
    if status["file"]:
        assert (record.parent / status["file"]).is_file()
        assert int(status["file"][:4]) == int(status["number"])
    found = sections(text)
    assert list(found) in SECTIONS
    sentences = re.findall(r"[.?](?=\s|$)", ABBREVIATIONS.sub("", found["Context"]))
    assert 2 <= len(sentences) <= 4, f"{len(sentences)} sentences of context"
    assert re.search(r"^- ", found["Consequences"], re.MULTILINE)


@pytest.mark.parametrize("record", RECORDS, ids=lambda path: path.name)
def test_a_record_links_to_code_that_exists(record: Path) -> None:
    paths = CODE_PATH.findall(sections(record.read_text("utf-8"))["Code"])
    assert paths
    for path in paths:
        assert (ROOT / path).exists(), path


def test_numbers_are_consecutive() -> None:
    assert [int(record.name[:4]) for record in RECORDS] == list(range(1, len(RECORDS) + 1))
