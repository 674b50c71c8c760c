from hypothesis import given
from hypothesis import strategies as st
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.uri import parse_uri

from netra_backend.app.transport.frames import (
    close_frame,
    encode_frame,
    payload_of,
    text_frame,
)


def read_by_a_client(wire: bytes) -> Frame:
    client = ClientProtocol(parse_uri("ws://x/"), state=State.OPEN, max_size=None)
    client.receive_data(wire)
    [frame] = client.events_received()
    assert isinstance(frame, Frame)
    return frame


@given(
    opcode=st.sampled_from([Opcode.TEXT, Opcode.BINARY]),
    size=st.sampled_from([0, 1, 125, 126, 127, 65_535, 65_536, 70_000]),
)
def test_a_client_reads_what_was_encoded(opcode: Opcode, size: int) -> None:
    payload = bytes(65 + at % 26 for at in range(size))
    frame = read_by_a_client(encode_frame(opcode, payload))
    assert (frame.opcode, frame.data, frame.fin) == (opcode, payload, True)
    assert payload_of(text_frame(payload)) == payload


@given(reason=st.text(max_size=130))
def test_a_close_reason_is_cut_on_a_character(reason: str) -> None:
    data = bytes(read_by_a_client(close_frame(4413, reason)).data)
    assert int.from_bytes(data[:2]) == 4413
    assert len(data) <= 125
    assert reason.startswith(data[2:].decode())


def test_no_status_is_an_empty_close() -> None:
    assert read_by_a_client(close_frame(1005)).data == b""
