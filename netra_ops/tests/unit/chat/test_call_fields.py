"""What a person sees of a call that waits for an approval."""

import pytest

from netra_ops.chat.call_fields import VALUE_CHARACTERS, fields_of


@pytest.mark.parametrize(
    ("arguments", "fields"),
    [
        ("", []),
        ("{}", []),
        ('{"minutes": 30, "deep": {"a": [1]}}', [("minutes", "30"), ("deep", '{"a": [1]}')]),
        ('{"text": "two\\nlines", "none": null}', [("text", "two lines"), ("none", "null")]),
        ("not JSON", [("Arguments", "not JSON")]),
        ("[1, 2]", [("Arguments", "[1, 2]")]),
    ],
)
def test_each_argument_is_a_field(arguments: str, fields: list[tuple[str, str]]) -> None:
    assert fields_of("stop", arguments) == [("Tool", "stop"), *fields]


def test_a_long_value_is_cut() -> None:
    _, (_, value) = fields_of("stop", '{"text": "%s"}' % ("x" * 1000))
    assert len(value) == VALUE_CHARACTERS
    assert value.endswith("…")
