"""Messages on a byte stream: four bytes of length (big endian), then as many of payload. Pure."""

import struct
from collections.abc import Iterator

from netra_backend.app.worker.rpc.errors import FrameTooLarge

_HEADER = struct.Struct(">I")


def framed(payload: bytes) -> bytes:
    """Return ``payload`` with its length prefix."""
    return _HEADER.pack(len(payload)) + payload


class FrameReader:
    """Splits received bytes into payloads.

    Args:
        max_bytes: largest accepted payload.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield every payload that ``data`` completes, in order.

        Raises:
            FrameTooLarge: a length exceeds the bound; the rest of the stream cannot be read.
        """
        self._buffer += data
        start = 0
        try:
            while len(self._buffer) - start >= _HEADER.size:
                (length,) = _HEADER.unpack_from(self._buffer, start)
                if length > self._max_bytes:
                    raise FrameTooLarge(
                        f"The frame has {length} bytes; the limit is {self._max_bytes}."
                    )
                end = start + _HEADER.size + length
                if len(self._buffer) < end:
                    return
                payload = bytes(self._buffer[start + _HEADER.size : end])
                start = end
                yield payload
        finally:
            del self._buffer[:start]
