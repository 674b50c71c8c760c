"""An observation refreshes the list, and reports what no list can fix."""

import json

from netra_ops.imports.lazy_list import compare, refreshed
from netra_ops.imports.observe import late_modules

LIST = "# a comment\nencodings.idna  # names\nold.module\n"


def test_what_was_observed_and_is_not_listed_is_missing() -> None:
    found = compare(("encodings.idna",), {"encodings.idna": "encodings", "new": "lib"})
    assert found.missing == {"new": "lib"}
    assert found.unseen == ()


def test_a_module_of_ours_belongs_to_the_top_of_another() -> None:
    found = compare((), {"netra_shared.auth.tokens": "netra_backend.app.x"})
    assert found.ours == {"netra_shared.auth.tokens": "netra_backend.app.x"}
    assert found.missing == {}


def test_the_list_keeps_its_comments_and_gains_a_line_with_the_reason() -> None:
    text = refreshed(LIST, {"new.module": "lib.loader"})
    assert text == LIST + "new.module  # lib.loader imports it at first use\n"


def test_what_is_dropped_leaves_with_its_comment() -> None:
    assert refreshed(LIST, {}, ("encodings.idna",)) == "# a comment\nold.module\n"


def test_late_modules_are_read_from_the_log_once_each() -> None:
    def record(message: str, module: str) -> str:
        return json.dumps({"message": message, "module": module, "importer": "lib"})

    log = "\n".join(
        [
            "Traceback of another module",
            record("late import", "a"),
            record("late import", "a"),
            record("it said late import", "b"),
        ]
    )
    assert late_modules(log) == {"a": "lib"}
