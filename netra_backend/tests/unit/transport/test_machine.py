"""The connection machine without a loop: every input in any order, and the ways to end."""

import base64
from math import inf

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from netra_backend.app.transport.inbound_budget import InboundBudget
from netra_backend.app.transport.machine import (
    Action,
    Closed,
    ConnectionMachine,
    MachineSettings,
    Phase,
)
from netra_backend.tests.unit.transport.client_frames import (
    CLOSE,
    PING,
    PONG,
    ClientFrame,
    any_frames,
    close,
    text,
)

HEAD = (
    b"GET /ws HTTP/1.1\r\nsec-websocket-version: 13\r\nsec-websocket-key: "
    + base64.b64encode(bytes(16))
    + b"\r\n\r\n"
)
TIMED = MachineSettings(max_size=1000, ping_interval=20, ping_timeout=10, close_seconds=3)
TIGHT = InboundBudget(frames_per_second=10, frame_burst=50, bytes_per_second=1e6, byte_burst=1e6)


def opened(settings: MachineSettings = TIMED, now: float = 0.0) -> ConnectionMachine:
    machine = ConnectionMachine(settings)
    machine.receive_data(HEAD, now)
    assert machine.accept(None, (), now)
    machine.release(now)
    assert b"".join(machine.data_to_send()).startswith(b"HTTP/1.1 101 ")
    return machine


def events_of(machine: ConnectionMachine) -> list[object]:
    return list(iter(machine.next_event, None))


def sent_frames(machine: ConnectionMachine) -> list[tuple[int, bytes]]:
    """Return opcode and payload of the sent frames, all of which are short."""
    return [(piece[0] & 0xF, piece[2:]) for piece in machine.data_to_send()]


def test_messages_arrive_in_order_and_held_ones_stop_the_reading() -> None:
    machine = opened()
    machine.hold()
    machine.receive_data(text("a") + text("b"), 1.0)
    assert (events_of(machine), machine.reading, machine.undelivered) == ([], False, 2)
    machine.receive_data(text("c"), 1.0)
    machine.release(2.0)
    assert events_of(machine) == ["a", "b", "c"]
    assert machine.reading


def test_a_ping_is_answered_while_messages_are_held() -> None:
    machine = opened()
    machine.hold()
    machine.receive_data(text("a") + ClientFrame(PING, b"x").wire(), 1.0)
    assert sent_frames(machine) == [(PONG, b"x")]


def test_only_the_latest_ping_is_owed_to_a_peer_that_does_not_read() -> None:
    machine = opened()
    machine.writable = False
    for at in range(5):
        machine.receive_data(ClientFrame(PING, b"%d" % at).wire(), 1.0)
    assert sent_frames(machine) == []
    machine.resume_writing()
    assert sent_frames(machine) == [(PONG, b"4")]


def test_a_close_of_the_peer_waits_behind_held_messages_and_is_echoed() -> None:
    machine = opened()
    machine.hold()
    machine.receive_data(text("a") + close(1000, "bye"), 1.0)
    assert events_of(machine) == []
    machine.release(2.0)
    assert events_of(machine) == ["a", Closed(1000, "bye")]
    assert sent_frames(machine) == [(CLOSE, (1000).to_bytes(2))]
    assert machine.take_action() is Action.CLOSE


def test_a_close_of_the_server_waits_for_the_peers_until_its_deadline() -> None:
    machine = opened()
    machine.close(4401, "x", 10.0)
    assert sent_frames(machine) == [(CLOSE, (4401).to_bytes(2) + b"x")]
    assert (machine.take_action(), machine.wake_at) == (Action.NONE, 13.0)
    machine.tick(12.9)
    assert machine.take_action() is Action.NONE
    machine.tick(13.0)
    assert (machine.take_action(), machine.wake_at) == (Action.ABORT, inf)


def test_the_peers_answer_to_a_close_ends_the_connection() -> None:
    machine = opened()
    machine.close(4401, "x", 10.0)
    machine.receive_data(text("late") + close(4401), 10.5)
    assert machine.take_action() is Action.CLOSE
    assert events_of(machine) == []


def test_an_unresponsive_peer_is_closed_after_ping_and_deadline() -> None:
    machine = opened()
    assert machine.wake_at == 20.0
    machine.tick(20.0)
    assert sent_frames(machine) == [(PING, b"")]
    machine.tick(machine.wake_at)
    assert events_of(machine) == [Closed(1001, "no answer to ping")]
    assert machine.phase is Phase.CLOSING


def test_any_data_after_a_ping_counts_as_its_answer() -> None:
    machine = opened()
    machine.tick(20.0)
    machine.receive_data(text("a")[:3], 25.0)
    machine.tick(30.0)
    assert (machine.phase, machine.wake_at) == (Phase.OPEN, 40.0)


def test_a_lost_transport_is_an_abnormal_close_behind_held_messages() -> None:
    machine = opened()
    machine.hold()
    machine.receive_data(text("a"), 1.0)
    machine.connection_lost()
    assert events_of(machine) == []
    machine.release(2.0)
    assert events_of(machine) == ["a", Closed(1006, "")]


def test_a_stop_refuses_a_pending_handshake_and_closes_an_open_connection() -> None:
    pending = ConnectionMachine(TIMED)
    pending.receive_data(HEAD, 0.0)
    pending.shutdown(1.0)
    assert pending.data_to_send()[0].startswith(b"HTTP/1.1 503 ")
    assert events_of(pending) == [Closed(1006, "")]
    machine = opened()
    machine.shutdown(1.0)
    assert events_of(machine) == [Closed(1012, "")]


def test_a_request_that_is_no_handshake_is_refused() -> None:
    machine = ConnectionMachine(TIMED)
    machine.receive_data(HEAD.replace(b"13", b"12"), 0.0)
    assert machine.data_to_send()[0].startswith(b"HTTP/1.1 426 ")
    assert (machine.take_action(), machine.head) == (Action.CLOSE, None)


@given(
    frame=st.sampled_from(
        [
            ClientFrame(PING).wire(),
            ClientFrame(PONG).wire(),
            text(""),
            text("{"),
        ]
    ),
    held=st.booleans(),
    pieces=st.integers(1, 7),
)
def test_frames_of_every_kind_count(frame: bytes, *, held: bool, pieces: int) -> None:
    machine = opened(MachineSettings(inbound=TIGHT))
    if held:
        machine.hold()
    flood = frame * 60
    step = len(flood) // pieces + 1
    for at in range(0, len(flood), step):
        machine.receive_data(flood[at : at + step], 1.0)
    assert events_of(machine)[-1] == Closed(1008, "too many frames")
    assert machine.take_action() is Action.REJECT
    assert machine.wake_at == 1.5  # the peer has half a second to read the close frame


def test_empty_fragments_count() -> None:
    machine = opened(MachineSettings(inbound=TIGHT))
    first = ClientFrame(1, b"", fin=False).wire()
    machine.receive_data(first + ClientFrame(0, b"", fin=False).wire() * 1_000_000, 1.0)
    assert events_of(machine) == [Closed(1008, "too many frames")]


def test_a_peer_within_its_rate_is_never_rejected() -> None:
    machine = opened(MachineSettings(inbound=TIGHT, ping_interval=None))
    for at in range(500):
        machine.receive_data(text("x"), at / 9)
    assert events_of(machine) == ["x"] * 500


def test_bytes_count() -> None:
    machine = opened(MachineSettings(inbound=TIGHT, max_size=1 << 24))
    for _ in range(12):
        machine.receive_data(text("x" * 100_000), 1.0)
    assert events_of(machine)[-1] == Closed(1008, "too many frames")


class AnyOrder(RuleBasedStateMachine):
    """Calls inputs in any order and checks what must hold after each."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.ends = 0
        self.after_close = 0

    @initialize(inbound=st.sampled_from([None, TIGHT]))
    def start(self, inbound: InboundBudget | None) -> None:
        self.machine = ConnectionMachine(
            MachineSettings(
                max_size=1000, ping_interval=2, ping_timeout=1, close_seconds=3, inbound=inbound
            )
        )
        self.machine.receive_data(HEAD, self.now)

    def drain(self) -> None:
        for event in events_of(self.machine):
            assert not self.ends, "an event after the end"
            self.ends += type(event) is Closed

    @rule(frames=st.lists(any_frames(), max_size=8), cut=st.integers(1, 300))
    def receive(self, frames: list[ClientFrame], cut: int) -> None:
        if self.machine.phase is Phase.CLOSED or self.machine.phase is Phase.CONNECTING:
            return
        data = b"".join(frame.wire() for frame in frames)
        for at in range(0, len(data), cut):
            self.machine.receive_data(data[at : at + cut], self.now)
        self.drain()

    @rule(seconds=st.floats(0, 5))
    def wait(self, seconds: float) -> None:
        self.now += seconds
        while self.machine.wake_at <= self.now:
            before = self.machine.wake_at
            self.machine.tick(self.now)
            assert self.machine.wake_at > before, "a due deadline must be consumed"
            if self.machine.take_action() is Action.ABORT:
                self.machine.connection_lost()
        self.drain()

    @rule()
    def accept(self) -> None:
        was = self.machine.phase
        assert self.machine.accept(None, (), self.now) == (was is Phase.CONNECTING)
        self.machine.release(self.now)

    @rule()
    def hold(self) -> None:
        self.machine.hold()

    @rule()
    def release(self) -> None:
        self.machine.release(self.now)
        self.drain()

    @rule()
    def stop_reading(self) -> None:
        self.machine.writable = self.machine.phase is Phase.CLOSED

    @rule()
    def read_again(self) -> None:
        self.machine.resume_writing()

    @precondition(lambda self: self.machine.phase is Phase.OPEN)
    @rule(code=st.sampled_from([1000, 4401]))
    def close(self, code: int) -> None:
        self.machine.close(code, "", self.now)
        assert self.machine.phase is Phase.CLOSING
        self.drain()

    @rule()
    def lose(self) -> None:
        if self.machine.phase is not Phase.CLOSED:
            self.machine.connection_lost()
            self.drain()

    @invariant()
    def one_close_frame_at_most_and_nothing_behind_it(self) -> None:
        kinds = [piece[0] for piece in self.machine.data_to_send() if piece[:4] != b"HTTP"]
        closes = kinds.count(0x80 | CLOSE)
        assert not (self.after_close and kinds), "a frame after the close frame"
        assert closes <= 1
        if closes:
            assert kinds[-1] == 0x80 | CLOSE
        self.after_close += closes

    @invariant()
    def a_closing_connection_has_a_deadline(self) -> None:
        if self.machine.phase is Phase.CLOSING:
            assert self.machine.wake_at <= self.now + 3


TestAnyOrder = AnyOrder.TestCase
