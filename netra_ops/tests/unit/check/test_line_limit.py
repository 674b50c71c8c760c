import pytest

from netra_ops.check.line_limit import MAX_LINES, main, too_long


def test_a_file_at_the_limit_passes_and_one_above_does_not() -> None:
    (finding,) = too_long({"a.py": MAX_LINES, "b.py": MAX_LINES + 1}, {})
    assert finding == "b.py: 401 lines, the limit is 400; split it by idea"


def test_a_generated_file_is_exempt_while_it_exists() -> None:
    assert too_long({"a.py": 900}, {"a.py": "protoc"}) == []
    (finding,) = too_long({}, {"a.py": "protoc"})
    assert "remove the exemption" in finding


def test_no_file_of_the_project_is_too_long(capsys: pytest.CaptureFixture[str]) -> None:
    status = main()
    assert status == 0, capsys.readouterr().out
