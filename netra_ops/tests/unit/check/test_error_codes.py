import pytest

from netra_ops.check.error_codes import CodedClass, coded_classes, main, shared_codes

SOURCE = """
class Base(Exception):
    code: ClassVar[str] = "base"
class Child(Base):
    code = "child"
class Inherits(Child):
    title = "code"
class Record(Struct):
    code: str
class Plain:
    code = "plain"
"""


def test_classes_with_a_code_of_their_own_are_found() -> None:
    found = [(item.code, item.name) for item in coded_classes("a.py", SOURCE)]
    assert found == [("base", "Base"), ("child", "Child")]


@pytest.mark.parametrize(
    ("paths", "shared"),
    [
        (("netra_shared/a.py", "netra_backend/b.py"), True),
        (("netra_client/a.py", "netra_client/b.py"), True),
        (("netra_shared/a.py", "netra_client/b.py"), False),
    ],
)
def test_a_code_has_one_class_in_each_group(paths: tuple[str, str], shared: bool) -> None:  # noqa: FBT001  # pytest parameter
    classes = [CodedClass("gone", path, 1, "Gone") for path in paths]
    assert bool(shared_codes(classes)) is shared


def test_no_code_of_the_project_has_two_classes(capsys: pytest.CaptureFixture[str]) -> None:
    status = main()
    assert status == 0, capsys.readouterr().out
