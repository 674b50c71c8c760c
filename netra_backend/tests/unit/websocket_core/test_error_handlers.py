import asyncio

import pytest
from starlette.websockets import WebSocketDisconnect

from netra_backend.app.websocket_core.error_handlers import handle_websocket_error
from netra_shared.errors import InternalError, NotFound


class Unprintable(Exception):
    """Even its text is a defect."""

    def __str__(self) -> str:
        raise RuntimeError("no text")

    __repr__ = __str__


@pytest.mark.parametrize("error", [WebSocketDisconnect(1006), asyncio.CancelledError(), NotFound()])
def test_what_is_no_defect_has_no_id(error: BaseException) -> None:
    assert handle_websocket_error(error) is None


def test_a_defect_gets_an_id_of_its_own_and_a_log_record(
    capsys: pytest.CaptureFixture[str],
) -> None:
    ids = {handle_websocket_error(ValueError("first")), handle_websocket_error(InternalError("x"))}
    assert len(ids) == 2
    logged = capsys.readouterr().out
    assert all(str(error_id) in logged for error_id in ids)


@pytest.mark.parametrize("error", [Unprintable(), KeyboardInterrupt(), RecursionError("deep")])
def test_it_never_raises(error: BaseException) -> None:
    error_id = handle_websocket_error(error)
    assert error_id is not None
    assert len(error_id) == 32
