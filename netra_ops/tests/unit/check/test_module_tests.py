from pathlib import PurePosixPath

import pytest

from netra_ops.check.module_tests import Exceptions, findings, is_test_of, main, source_modules

MODULE = "auth_service/app/keys/ring.py"
TEST = "auth_service/tests/unit/keys/test_ring.py"


def paths(*names: str) -> list[PurePosixPath]:
    return [PurePosixPath(name) for name in names]


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        (TEST, True),
        ("auth_service/tests/unit/keys/test_ring_overlap.py", True),
        ("auth_service/tests/unit/test_ring.py", False),
        ("auth_service/tests/unit/keys/test_rings.py", False),
        ("netra_shared/tests/unit/keys/test_ring.py", False),
    ],
)
def test_name_and_folder_make_the_pair(test: str, expected: bool) -> None:  # noqa: FBT001  # pytest parameter
    assert is_test_of(PurePosixPath(test), PurePosixPath(MODULE)) is expected


def test_packages_entries_and_tests_need_no_test_module() -> None:
    names = ("netra_shared/__init__.py", "auth_service/__main__.py", TEST, "scripts/a.py", MODULE)
    assert source_modules(paths(*names)) == paths(MODULE)


@pytest.mark.parametrize(
    ("names", "exceptions", "part"),
    [
        (
            (MODULE,),
            Exceptions(),
            "has no test module; add auth_service/tests/unit/keys/test_ring.py",
        ),
        ((MODULE, TEST), Exceptions(pending=frozenset({MODULE})), "remove it from"),
        ((MODULE, TEST), Exceptions(exempt={MODULE: "data"}), "remove it from"),
        ((MODULE,), Exceptions(covered={MODULE: TEST}), "does not exist"),
        ((), Exceptions(pending=frozenset({MODULE})), "not a source module"),
    ],
)
def test_findings(names: tuple[str, ...], exceptions: Exceptions, part: str) -> None:
    (finding,) = findings(paths(*names), exceptions)
    assert part in finding


@pytest.mark.parametrize(
    ("names", "exceptions"),
    [
        ((MODULE, TEST), Exceptions()),
        ((MODULE,), Exceptions(exempt={MODULE: "data"})),
        ((MODULE,), Exceptions(pending=frozenset({MODULE}))),
        ((MODULE, "tests/x.py"), Exceptions(covered={MODULE: "tests/x.py"})),
    ],
)
def test_nothing_is_found(names: tuple[str, ...], exceptions: Exceptions) -> None:
    assert findings(paths(*names), exceptions) == []


def test_the_project_has_no_findings(capsys: pytest.CaptureFixture[str]) -> None:
    status = main()
    assert status == 0, capsys.readouterr().out
