"""The interpreter's own report is read, and the least of several runs counts."""

from netra_ops.imports.profile import by_package, import_once, least, self_times

REPORT = """\
import time: self [us] | cumulative | imported package
import time:       120 |        120 |   json.decoder
import time:      1500 |       1620 | json
import time:       300 |        300 |     wave
a word of the program itself
"""


def test_each_line_is_a_module_and_its_own_milliseconds() -> None:
    assert self_times(REPORT) == {"json.decoder": 0.12, "json": 1.5, "wave": 0.3}


def test_the_least_of_all_runs_is_kept_even_for_what_only_one_imported() -> None:
    assert least([{"a": 2.0, "b": 1.0}, {"a": 1.5}]) == {"a": 1.5, "b": 1.0}


def test_packages_are_summed_up_the_most_expensive_first() -> None:
    costs = by_package({"a": 1.0, "b": 2.5, "a.c": 1.0})
    assert [(cost.name, cost.modules, cost.milliseconds) for cost in costs] == [
        ("b", 1, 2.5),
        ("a", 2, 2.0),
    ]


def test_a_real_interpreter_reports_what_it_imports() -> None:
    assert import_once("import wave")["wave"] > 0
