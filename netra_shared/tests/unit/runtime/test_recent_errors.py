"""What operators can look up by an error's id."""

from netra_shared.runtime.recent_errors import RecentErrors


def test_what_has_an_id_is_kept_newest_first_and_bounded() -> None:
    memory = RecentErrors(keep=2)
    for number in range(3):
        event = {"event": "websocket error", "error_id": f"e{number}", "time": "t", "trace_id": "x"}
        assert memory(None, "error", event) is event
    memory(None, "info", {"event": "no error"})
    assert [error["errorId"] for error in memory.latest() if isinstance(error, dict)] == [
        "e2",
        "e1",
    ]


def test_the_type_is_what_was_logged_or_what_the_stack_ends_with() -> None:
    memory = RecentErrors()
    stack = "Traceback (most recent call last):\n  File ...\npackage.errors.StoreAway: no answer"
    memory(None, "error", {"error_id": "1", "exception": stack})
    memory(None, "error", {"error_id": "2", "code": "model_unavailable"})
    memory(None, "error", {"error_id": "3", "event": "x" * 1000})
    kept = {e["errorId"]: e for e in memory.latest() if isinstance(e, dict)}
    assert kept["1"]["type"] == "StoreAway"
    assert kept["2"]["type"] == "model_unavailable"
    assert kept["3"] == {
        "errorId": "3", "at": "", "message": "x" * 300, "type": "", "traceId": None
    }  # fmt: skip
