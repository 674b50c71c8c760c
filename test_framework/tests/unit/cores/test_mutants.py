import tomllib

import pytest

from test_framework.cores.catalogue import Survivor, load_cores, load_survivors
from test_framework.cores.mutants import Mutant, changed_lines, judge
from test_framework.project import PROJECT_ROOT

LIVING = Mutant("m.x_f__mutmut_3", "survived", "m.py", "return a", "return b")
JUSTIFIED = Survivor("m.py", "return a", "return b", "a is b")


def test_mutmut_mutates_exactly_the_cores_and_runs_exactly_their_own_tests() -> None:
    settings = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text())["tool"]["mutmut"]
    cores = load_cores()
    assert sorted(settings["only_mutate"]) == sorted(core.module for core in cores)
    selected = settings["pytest_add_cli_args_test_selection"]
    assert sorted(selected) == sorted(core.tests for core in cores)
    for core in cores:
        assert (PROJECT_ROOT / core.module).is_file()
        assert (PROJECT_ROOT / core.tests).is_file()


def test_every_justification_names_a_line_of_a_core() -> None:
    modules = {core.module for core in load_cores()}
    for survivor in load_survivors():
        assert survivor.module in modules
        lines = [line.strip() for line in (PROJECT_ROOT / survivor.module).read_text().splitlines()]
        assert set(survivor.removed.splitlines()) <= set(lines)


def test_all_dead_is_green() -> None:
    assert judge(10, [], []).is_green


def test_no_mutants_at_all_is_not() -> None:
    assert not judge(0, [], []).is_green


@pytest.mark.parametrize("status", ["survived", "no tests", "timeout", "suspicious", "segfault"])
def test_who_lives_is_named(status: str) -> None:
    mutant = Mutant("m", status, "m.py", "a", "b")
    verdict = judge(10, [mutant], [])
    assert verdict.unexplained == (mutant,)
    assert not verdict.is_green


def test_who_is_justified_may_live() -> None:
    assert judge(10, [LIVING], [JUSTIFIED]).is_green
    twin = Mutant("m.x_g__mutmut_1", "survived", "m.py", "return a", "return b")
    assert judge(10, [LIVING, twin], [JUSTIFIED]).is_green


def test_only_survival_can_be_justified() -> None:
    untested = Mutant(LIVING.name, "no tests", "m.py", "return a", "return b")
    assert not judge(10, [untested], [JUSTIFIED]).is_green


def test_a_justification_that_is_not_needed_fails() -> None:
    verdict = judge(10, [], [JUSTIFIED])
    assert verdict.stale == (JUSTIFIED,)
    assert not verdict.is_green


def test_a_diff_shows_file_and_lines() -> None:
    diff = """# m.x_f__mutmut_3: survived
--- netra/m.py
+++ netra/m.py
@@ -1,3 +1,3 @@
 def f():
-    return a
+    return b
"""
    assert changed_lines(diff) == ("netra/m.py", "return a", "return b")
