"""What ``netra up`` says beside a running stack."""

import pytest

from netra_ops.services.supervisor import PartRecord
from netra_ops.stack.identity import ProcessIdentity
from netra_ops.stack.state import StackState
from netra_ops.stack.up import Wanted, differences

RUNNING = StackState(
    ProcessIdentity(1, "now"),
    "http://localhost:8080",
    ready=True,
    parts={"frontend": PartRecord("frontend")},
)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(), []),
        (Wanted(port=8080, frontend=True), []),
        (Wanted(port=80), ["it listens on port 8080, not 80"]),
        (Wanted(frontend=False), ["it runs with the pages"]),
    ],
)
def test_only_what_was_asked_for_and_differs_is_named(wanted: Wanted, found: list[str]) -> None:
    assert differences(RUNNING, wanted) == found
