from netra_ops.deploy.history import history_lines
from netra_ops.deploy.ledger.release import Outcome, marked
from netra_ops.tests.unit.deploy.ledger.makers import release


def test_a_line_says_when_how_it_ended_who_and_why() -> None:
    releases = marked((release("r1"), release("r2")), "r2", Outcome.ROLLED_BACK, "errors")

    assert list(history_lines(releases)) == [
        "r1  2026-01-01 12:00  verified     ana  backend",
        "r2  2026-01-01 12:00  rolled-back  ana  backend  (errors)",
    ]
