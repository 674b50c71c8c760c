"""The parser against two others, and against what neither of them checks."""

import time
from collections.abc import Iterable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.server import ServerProtocol
from wsproto.frame_protocol import FrameProtocol, ParseFailed
from wsproto.frame_protocol import Opcode as WsprotoOpcode

from netra_backend.app.transport.parser import (
    Close,
    Event,
    FrameParser,
    Ping,
    Pong,
    Violation,
)
from netra_backend.tests.unit.transport.client_frames import (
    BINARY,
    CLOSE,
    PING,
    TEXT,
    ClientFrame,
    any_frames,
    chunked,
    close,
    text,
)

ROOMY = 1 << 20


def ours(chunks: Iterable[bytes], max_size: int = ROOMY) -> list[Event]:
    parser = FrameParser(max_size)
    return [event for chunk in chunks for event in parser.feed(chunk)]


def as_wsproto_sees_it(data: bytes) -> list[Event]:
    events: list[Event] = []
    protocol = FrameProtocol(client=False, extensions=[])
    protocol.receive_bytes(data)
    pieces: list[str] | list[bytes] = []
    try:
        for frame in protocol.received_frames():
            match frame.opcode:
                case WsprotoOpcode.PING:
                    events.append(Ping(bytes(frame.payload)))  # type: ignore[arg-type]
                case WsprotoOpcode.PONG:
                    events.append(Pong(bytes(frame.payload)))  # type: ignore[arg-type]
                case WsprotoOpcode.CLOSE:
                    assert isinstance(frame.payload, tuple)
                    code, reason = frame.payload
                    events.append(Close(int(code), str(reason or "")))
                    return events
                case _:
                    pieces.append(frame.payload)  # type: ignore[arg-type]
                    if frame.message_finished:
                        first: str | bytes = pieces[0]
                        joined = "" if isinstance(first, str) else b""
                        events.append(joined.join(pieces))  # type: ignore[arg-type]
                        pieces = []
    except ParseFailed as failed:
        events.append(Violation(int(failed.code), ""))
    return events


def without_reasons(events: list[Event]) -> list[Event]:
    return [Violation(e.code, "") if isinstance(e, Violation) else e for e in events]


@given(frames=st.lists(any_frames(), max_size=8), data=st.data())
@example(frames=[ClientFrame(TEXT, b"\xf0\x9f", fin=False), ClientFrame(0, b"\x98\x80")], data=None)
def test_agrees_with_wsproto_however_the_bytes_arrive(
    frames: list[ClientFrame], data: st.DataObject | None
) -> None:
    wire = b"".join(frame.wire() for frame in frames)
    chunks = data.draw(chunked(wire)) if data is not None else [wire]
    assert without_reasons(ours(chunks)) == as_wsproto_sees_it(wire)


def as_websockets_sees_it(data: bytes, max_size: int) -> tuple[list[Event], int | None]:
    """Return whole binary messages and control frames, and the code of a failure."""
    protocol = ServerProtocol(state=State.OPEN, max_size=max_size)
    protocol.receive_data(data)
    events: list[Event] = []
    pieces: list[bytes] = []
    for frame in protocol.events_received():
        assert isinstance(frame, Frame)
        if frame.opcode is Opcode.PING:
            events.append(Ping(bytes(frame.data)))
        elif frame.opcode is Opcode.CLOSE:
            assert protocol.close_rcvd is not None
            events.append(Close(protocol.close_rcvd.code, protocol.close_rcvd.reason))
        else:
            pieces.append(bytes(frame.data))
            if frame.fin:
                events.append(b"".join(pieces))
                pieces = []
    failed = protocol.parser_exc is not None and protocol.close_sent is not None
    return events, protocol.close_sent.code if failed and protocol.close_sent else None


@given(
    sizes=st.lists(st.tuples(st.integers(0, 300), st.booleans()), min_size=1, max_size=8),
    max_size=st.integers(2, 400),
    code=st.sampled_from([1000, 1004, 1005, 1014, 1015, 2000, 3000, 4413, 5000]),
    data=st.data(),
)
def test_agrees_with_websockets_about_sizes_and_close_codes(
    sizes: list[tuple[int, bool]], max_size: int, code: int, data: st.DataObject
) -> None:
    frames, within = [], False
    for size, fin in sizes:
        frames.append(ClientFrame(0 if within else BINARY, bytes(size), fin=fin).wire())
        frames.append(ClientFrame(PING, b"").wire())
        within = not fin
    if within:  # websockets refuses a close inside a message, which section 5.4 allows
        frames.append(ClientFrame(0).wire())
    # Control frames stay within every size: websockets counts them as messages.
    wire = b"".join(frames) + close(code)
    found = ours(data.draw(chunked(wire)), max_size)
    last = found[-1]
    failure = last.code if isinstance(last, Violation) else None
    found = found[:-1] if isinstance(last, Violation) else found
    assert (found, failure) == as_websockets_sees_it(wire, max_size)


def test_an_oversized_frame_is_refused_at_its_header() -> None:
    head = bytes([0x81, 0xFF]) + (10**9).to_bytes(8)
    assert ours([head], 65_536) == [Violation(1009, "message exceeds 65536 bytes")]


@pytest.mark.parametrize("head", [b"\x83\x80", b"\xc1\x80", b"\x81\x05", b"\x89\xfe", b"\x09\x80"])
def test_a_wrong_header_is_refused_before_its_payload(head: bytes) -> None:
    [violation] = ours([head])
    assert isinstance(violation, Violation)
    assert violation.code == 1002


def test_bad_text_is_refused_at_the_end_of_its_fragment() -> None:
    assert ours([text("a", fin=False), ClientFrame(0, b"\xff", fin=False).wire()]) == [
        Violation(1007, "text is not UTF-8")
    ]


def test_nothing_counts_after_a_close_or_a_violation() -> None:
    assert ours([close(1000) + text("late"), text("later")]) == [Close(1000, "")]
    assert len(ours([b"\x83\x80" + text("late"), text("later")])) == 1


def test_what_came_before_a_violation_is_delivered() -> None:
    events = ours([text("one") + text("two") + ClientFrame(CLOSE, b"\x03").wire()])
    assert events[:2] == ["one", "two"]
    assert isinstance(events[2], Violation)


def test_endless_empty_fragments_take_no_memory() -> None:
    parser = FrameParser(100)
    parser.feed(text("a", fin=False))
    for _ in range(1000):
        assert parser.feed(ClientFrame(0, b"", fin=False).wire()) == []
    assert parser._pieces == ["a"]
    assert parser.feed(ClientFrame(0, b"b").wire()) == ["ab"]


def test_a_frame_that_trickles_in_costs_linear_time() -> None:
    def seconds(size: int) -> float:
        wire = text("x" * size)
        parser = FrameParser(1 << 24)
        started = time.process_time()
        events = [event for at in range(len(wire)) for event in parser.feed(wire[at : at + 1])]
        assert events == ["x" * size]
        return time.process_time() - started

    small = min(seconds(20_000) for _ in range(3))
    # integrity: allow no-wall-clock: quadratic buffering is a denial of service; CPU ratio only
    assert seconds(200_000) < 40 * small  # 10 times the bytes; quadratic would be 100
