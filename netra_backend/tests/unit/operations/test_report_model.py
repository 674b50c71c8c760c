"""What every report refuses and how it is written."""

import pytest
from pydantic import ValidationError

from netra_backend.app.operations.report_model import Line, ReportModel, Short


class Example(ReportModel):
    """A report of two texts."""

    short_text: Short
    line: Line = ""


def test_json_is_in_camel_case_and_both_spellings_are_read() -> None:
    report = Example(short_text="a")
    assert report.model_dump(by_alias=True) == {"shortText": "a", "line": ""}
    assert Example.model_validate({"shortText": "a"}) == report


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ({"shortText": "a", "longText": "b"}, "Extra inputs"),
        ({"shortText": "a" * 201}, "at most 200"),
        ({"shortText": "a", "line": "b" * 1001}, "at most 1000"),
    ],
)
def test_unknown_fields_and_long_texts_are_refused(document: dict[str, str], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        Example.model_validate(document)
