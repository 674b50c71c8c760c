"""Server frames as bytes: header and payload in one object, encoded once for all recipients.

Pure. Rules: RFC 6455 section 5.2 (framing; a server never masks) and 5.5.1 (close).
"""

from typing import Final, NewType

CONTINUATION: Final = 0x0
TEXT: Final = 0x1
BINARY: Final = 0x2
CLOSE: Final = 0x8
PING: Final = 0x9
PONG: Final = 0xA

FIN: Final = 0x80
MASKED: Final = 0x80
LENGTH_16: Final = 126  # the length follows in 2 bytes
LENGTH_64: Final = 127  # the length follows in 8 bytes
MAX_CONTROL_PAYLOAD: Final = 125

NORMAL_CLOSE: Final = 1000
INTERNAL_ERROR: Final = 1011
NO_STATUS: Final = 1005  # represents a close frame without a code; never sent

WireFrame = NewType("WireFrame", bytes)
"""One complete frame as the server sends it."""


def encode_frame(opcode: int, payload: bytes) -> WireFrame:
    """Return an unfragmented, unmasked frame."""
    length = len(payload)
    if length < LENGTH_16:
        return WireFrame(bytes((FIN | opcode, length)) + payload)
    if length < 1 << 16:
        return WireFrame(bytes((FIN | opcode, LENGTH_16)) + length.to_bytes(2) + payload)
    return WireFrame(bytes((FIN | opcode, LENGTH_64)) + length.to_bytes(8) + payload)


def text_frame(payload: bytes) -> WireFrame:
    """Return a text frame; ``payload`` must be UTF-8."""
    return encode_frame(TEXT, payload)


def close_frame(code: int, reason: str = "") -> WireFrame:
    """Return a close frame; ``reason`` is truncated on a character boundary if it does not fit."""
    if code == NO_STATUS:
        return encode_frame(CLOSE, b"")
    text = reason.encode()[: MAX_CONTROL_PAYLOAD - 2].decode(errors="ignore")
    return encode_frame(CLOSE, code.to_bytes(2) + text.encode())


def payload_of(frame: WireFrame) -> bytes:
    """Return the payload of an encoded frame, for a server that encodes frames itself."""
    length = frame[1]
    if length < LENGTH_16:
        return frame[2:]
    return frame[4:] if length == LENGTH_16 else frame[10:]
