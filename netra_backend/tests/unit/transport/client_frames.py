"""Frames as a client sends them, right and wrong, for tests of the transport."""

from dataclasses import dataclass

from hypothesis import strategies as st

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


@dataclass(frozen=True)
class ClientFrame:
    opcode: int
    payload: bytes = b""
    fin: bool = True
    reserved: int = 0
    masked: bool = True
    key: bytes = b"\x11\x22\x33\x44"
    length_bytes: int = 0  # 0: the shortest form

    def wire(self) -> bytes:
        length = len(self.payload)
        size = self.length_bytes or (0 if length < 126 else 2 if length < 1 << 16 else 8)
        short = length if size == 0 else 126 if size == 2 else 127
        head = bytes(
            [(0x80 if self.fin else 0) | self.reserved << 4 | self.opcode,
             (0x80 if self.masked else 0) | short]
        )  # fmt: skip
        if size:
            head += length.to_bytes(size)
        if not self.masked:
            return head + self.payload
        masked = bytes(byte ^ self.key[at % 4] for at, byte in enumerate(self.payload))
        return head + self.key + masked


def text(content: str, **more: object) -> bytes:
    return ClientFrame(TEXT, content.encode(), **more).wire()  # type: ignore[arg-type]


def close(code: int, reason: str = "") -> bytes:
    return ClientFrame(CLOSE, code.to_bytes(2) + reason.encode()).wire()


_keys = st.binary(min_size=4, max_size=4)
_payloads = st.one_of(
    st.text(max_size=40).map(str.encode),
    st.binary(max_size=140),
    st.integers(124, 132).map(bytes),
    st.sampled_from([b"\xf0\x9f", b"\x98\x80", b"\xed\xa0\x80", b"\xc3", b"\xa9", bytes(70_000)]),
)


@st.composite
def any_frames(draw: st.DrawFn) -> ClientFrame:
    """Mostly right; each rule of section 5 gets broken now and then."""
    opcode = draw(st.sampled_from([0, 0, 1, 1, 1, 2, 9, 9, 10, 8, draw(st.integers(0, 15))]))
    payload = draw(_payloads)
    if opcode == CLOSE:
        code = draw(st.sampled_from([1000, 1001, 1005, 1006, 1012, 999, 2999, 3000, 4999]))
        payload = draw(st.sampled_from([b"", b"\x03", code.to_bytes(2) + payload[:123]]))
    rarely = st.integers(0, 19).map(lambda number: number == 0)
    size = draw(st.sampled_from([2, 8])) if draw(rarely) and len(payload) < 1 << 16 else 0
    return ClientFrame(
        opcode,
        payload[:125] if opcode >= CLOSE and not draw(rarely) else payload,
        fin=not draw(rarely) if opcode >= CLOSE else draw(st.booleans()),
        reserved=draw(st.integers(1, 7)) if draw(rarely) else 0,
        masked=not draw(rarely),
        key=draw(_keys),
        length_bytes=size,
    )


@st.composite
def chunked(draw: st.DrawFn, data: bytes) -> list[bytes]:
    """``data`` as it may arrive: cut anywhere."""
    cuts = sorted(draw(st.lists(st.integers(0, len(data)), max_size=8)))
    return [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)]
