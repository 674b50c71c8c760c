"""An incremental RFC 6455 parser: client bytes to messages. No I/O.

The parser refuses input at the earliest byte: a bad header before its payload, an oversized
message before it is buffered, invalid UTF-8 at the end of its fragment.
"""

import codecs
from dataclasses import dataclass
from math import inf
from typing import Final

from websockets.speedups import apply_mask

from netra_backend.app.transport.frames import (
    BINARY,
    CLOSE,
    CONTINUATION,
    FIN,
    LENGTH_16,
    MASKED,
    MAX_CONTROL_PAYLOAD,
    NO_STATUS,
    PING,
    PONG,
    TEXT,
)

PROTOCOL_ERROR: Final = 1002
INVALID_PAYLOAD: Final = 1007
TOO_BIG: Final = 1009

_KNOWN = frozenset({CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG})
_utf8_decoder = codecs.getincrementaldecoder("utf-8")


@dataclass(frozen=True, slots=True)
class Ping:
    """A ping frame; the answer is a pong with the same payload."""

    payload: bytes


@dataclass(frozen=True, slots=True)
class Pong:
    """A pong frame."""

    payload: bytes


@dataclass(frozen=True, slots=True)
class Close:
    """A close frame; ``code`` is 1005 when the frame has none."""

    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class Violation:
    """A protocol violation, the last event of a parser; ``code`` closes the connection."""

    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class Flooded:
    """The data has more frames than the allowance; the last event of a parser."""


Event = str | bytes | Ping | Pong | Close | Violation | Flooded
"""A whole text message, a whole binary message, or one of the control frames."""


class _Broken(Exception):
    """Control flow inside this module."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class FrameParser:
    """Parses the bytes of a client into events.

    Args:
        max_size: largest message in bytes, over all of its fragments.

    Attributes:
        allowance: frames that may still be completed; the owner refills it.
    """

    __slots__ = (
        "_decode",
        "_done",
        "_max_size",
        "_opcode",
        "_pieces",
        "_size",
        "_tail",
        "allowance",
    )

    def __init__(self, max_size: int) -> None:
        self.allowance = inf
        self._max_size = max_size
        self._tail: bytearray | None = None  # an incomplete frame
        self._done = False  # after a close frame or a violation
        # The incomplete message: its opcode (0: none), its fragments and their size in bytes.
        self._opcode = 0
        self._pieces: list[str] | list[bytes] = []
        self._size = 0
        self._decode: codecs.IncrementalDecoder | None = None

    def feed(self, data: bytes) -> list[Event]:
        """Return the events that ``data`` completes; none after a close or a violation."""
        events: list[Event] = []
        if self._done:
            return events
        buffer: bytes | bytearray = data
        if self._tail is not None:
            # Appending keeps the cost linear for a frame that arrives in small pieces.
            self._tail += data
            buffer = self._tail
        at, end = 0, len(buffer)
        try:
            while end - at >= 2:  # noqa: PLR2004  the shortest header
                taken = self._frame(buffer, at, end, events)
                at += taken
                if not taken or self._ended():
                    break
                self.allowance -= 1
                if self.allowance < 0:
                    self._done = True
                    events.append(Flooded())
                    break
        except _Broken as broken:
            self._done = True
            events.append(Violation(broken.code, broken.reason))
        self._keep(buffer, at, end)
        return events

    def _ended(self) -> bool:
        return self._done

    def _keep(self, buffer: bytes | bytearray, at: int, end: int) -> None:
        if self._done or at == end:
            self._tail = None
        elif buffer is self._tail:
            if at:
                del self._tail[:at]
        else:
            self._tail = bytearray(buffer[at:])

    def _frame(self, buffer: bytes | bytearray, at: int, end: int, events: list[Event]) -> int:
        """Parse one frame at ``at``; return its length, or 0 while it is incomplete."""
        first = buffer[at]
        length = buffer[at + 1] ^ MASKED  # the length itself if masked and below 126
        header = 2
        if length >= LENGTH_16 or first & 0x70 or (first & 0xF) not in _KNOWN:
            length, header = self._long_or_wrong(buffer, at, end)
            if not header:
                return 0
        opcode = first & 0xF
        if opcode >= CLOSE:
            if length > MAX_CONTROL_PAYLOAD or not first & FIN:
                raise _Broken(PROTOCOL_ERROR, "control frame is fragmented or too long")
        else:
            self._check_data_header(opcode, length)
        start = at + header + 4
        if end < start + length:
            return 0
        payload = buffer[start : start + length]
        if length:
            payload = apply_mask(payload, buffer[start - 4 : start])
        if opcode >= CLOSE:
            events.append(self._control(opcode, bytes(payload)))
        elif first & FIN and opcode == TEXT:
            events.append(_text(payload))
        else:
            self._fragment(opcode, payload, fin=bool(first & FIN), events=events)
        return header + 4 + length

    def _long_or_wrong(self, buffer: bytes | bytearray, at: int, end: int) -> tuple[int, int]:
        """Return payload length and header length without the mask; (0, 0): incomplete."""
        first, second = buffer[at], buffer[at + 1]
        if first & 0x70:
            raise _Broken(PROTOCOL_ERROR, "reserved bits are set")
        if (first & 0xF) not in _KNOWN:
            raise _Broken(PROTOCOL_ERROR, "unknown opcode")
        if not second & MASKED:
            raise _Broken(PROTOCOL_ERROR, "frame is not masked")  # RFC 6455 section 5.1
        short = second ^ MASKED
        if first & 0x8 and short > MAX_CONTROL_PAYLOAD:
            raise _Broken(PROTOCOL_ERROR, "control frame is fragmented or too long")
        size = 2 if short == LENGTH_16 else 8
        if end - at < 2 + size:
            return 0, 0
        length = int.from_bytes(buffer[at + 2 : at + 2 + size])
        # RFC 6455 section 5.2: the minimal number of bytes, and the highest bit is 0.
        if length < (LENGTH_16 if short == LENGTH_16 else 1 << 16) or length >> 63:
            raise _Broken(PROTOCOL_ERROR, "length is not minimal")
        return length, 2 + size

    def _check_data_header(self, opcode: int, length: int) -> None:
        if (opcode == CONTINUATION) != (self._opcode != 0):
            raise _Broken(PROTOCOL_ERROR, "fragments are out of order")
        if self._size + length > self._max_size:
            raise _Broken(TOO_BIG, f"message exceeds {self._max_size} bytes")

    def _fragment(
        self, opcode: int, payload: bytes | bytearray, *, fin: bool, events: list[Event]
    ) -> None:
        """Process a fragment of a message, or a whole binary message."""
        if opcode != CONTINUATION:
            if fin:
                events.append(bytes(payload))
                return
            self._opcode = opcode
            self._decode = _utf8_decoder() if opcode == TEXT else None
        self._size += len(payload)
        piece: str | bytes
        if self._decode is None:
            piece = bytes(payload)
        else:
            try:
                piece = self._decode.decode(payload, fin)
            except UnicodeDecodeError:
                raise _Broken(INVALID_PAYLOAD, "text is not UTF-8") from None
        if piece:  # empty fragments need no memory
            self._pieces.append(piece)  # type: ignore[arg-type]
        if fin:
            whole: Event = ("" if self._decode is not None else b"").join(self._pieces)  # type: ignore[arg-type]
            self._opcode, self._pieces, self._size, self._decode = 0, [], 0, None
            events.append(whole)

    def _control(self, opcode: int, payload: bytes) -> Event:
        if opcode == PING:
            return Ping(payload)
        if opcode == PONG:
            return Pong(payload)
        self._done = True
        return _close(payload)


def _text(payload: bytes | bytearray) -> str:
    try:
        return payload.decode()
    except UnicodeDecodeError:
        raise _Broken(INVALID_PAYLOAD, "text is not UTF-8") from None


def _close(payload: bytes) -> Close:
    if not payload:
        return Close(NO_STATUS, "")
    if len(payload) == 1:
        raise _Broken(PROTOCOL_ERROR, "close frame has a payload of one byte")
    code = int.from_bytes(payload[:2])
    if not may_be_sent(code):
        raise _Broken(PROTOCOL_ERROR, "close code may not be sent")
    return Close(code, _text(payload[2:]))


def may_be_sent(code: int) -> bool:
    """Return whether ``code`` may appear in a close frame.

    RFC 6455 section 7.4 and IANA's registry of close codes: 1000 to 1003, 1007 to 1014, and
    3000 to 4999 for libraries and applications.
    """
    return 1000 <= code <= 1003 or 1007 <= code <= 1014 or 3000 <= code <= 4999  # noqa: PLR2004
