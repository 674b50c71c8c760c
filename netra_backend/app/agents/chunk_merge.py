"""Merges consecutive text chunks of OpenAI's chat completions API. Pure.

Each chunk costs the SDK and the framework about 0.5 ms of CPU, for any length. While a run
waits, several chunks arrive; as one chunk they cost as much as the first of them. Chunks are
merged only when the result has the same meaning: one choice, one text member, nothing else.
"""

import json
from typing import Any

_MAX_CHARACTERS = 4_000  # of a merged chunk; half of the longest delta of an event
_TEXT_MEMBERS = ("content", "reasoning_content", "reasoning")
_CHUNK_MEMBERS = frozenset(
    {"choices", "created", "id", "model", "object", "obfuscation", "provider"}
    | {"service_tier", "system_fingerprint", "usage"}
)
_DELTA_MEMBERS = frozenset({"role", *_TEXT_MEMBERS})
_CHOICE_MEMBERS = frozenset({"index", "delta", "finish_reason", "logprobs"})


class TextChunks:
    """The chunks that wait to be emitted as one."""

    def __init__(self) -> None:
        self._chunk: dict[str, Any] | None = None
        self._line = b""
        self._member = ""
        self._parts: list[str] = []
        self._characters = 0
        self._terminated = False

    def admit(self, chunk: dict[str, Any], line: bytes) -> bytes | None:
        """Hold ``chunk`` with those before it.

        Args:
            chunk: the parsed chunk.
            line: its line, with ``data:`` and its line break.

        Returns:
            The lines that must precede the chunk, or None when it is not a text chunk; then
            nothing has changed.
        """
        member = _text_member(chunk)
        if member is None:
            return None
        text = chunk["choices"][0]["delta"][member]
        before = b""
        if (
            member != self._member
            or not self._terminated
            or self._characters + len(text) > _MAX_CHARACTERS
            or _index(chunk) != _index(self._chunk)
        ):
            before = self.flush()
        if self._chunk is None:
            self._chunk, self._line, self._member = chunk, line, member
        self._parts.append(text)
        self._characters += len(text)
        self._terminated = False
        return before

    def terminate(self) -> bool:
        """Record the blank line after the latest chunk; return whether one was waiting for it."""
        waiting = self._chunk is not None and not self._terminated
        self._terminated |= waiting
        return waiting

    def flush(self) -> bytes:
        """Return the held chunks as one event; empty when there is none."""
        chunk, parts, line = self._chunk, self._parts, self._line
        if chunk is None:
            return b""
        if len(parts) > 1:
            chunk["choices"][0]["delta"][self._member] = "".join(parts)
            line = b"data: " + json.dumps(chunk).encode() + b"\n"
        ending = b"\n" if self._terminated else b""
        self._chunk, self._member, self._parts = None, "", []
        self._characters, self._terminated = 0, False
        return line + ending


def _text_member(chunk: dict[str, Any]) -> str | None:
    """Return the member with the text if ``chunk`` has nothing else; None otherwise.

    A tag such as ``<think>`` has a meaning to the framework only when it is a chunk of its own, so
    text with angle brackets is not merged.
    """
    choices = chunk.get("choices")
    plain = chunk.keys() <= _CHUNK_MEMBERS and not chunk.get("usage")
    if not plain or not isinstance(choices, list) or len(choices) != 1:
        return None
    choice = choices[0]
    if not isinstance(choice, dict) or not choice.keys() <= _CHOICE_MEMBERS:
        return None
    delta = choice.get("delta")
    if choice.get("finish_reason") or choice.get("logprobs"):
        return None
    if not isinstance(delta, dict) or not delta.keys() <= _DELTA_MEMBERS:
        return None
    members = [name for name in _TEXT_MEMBERS if delta.get(name)]
    if len(members) != 1 or not isinstance(delta[members[0]], str):
        return None
    text = delta[members[0]]
    return None if "<" in text or ">" in text else members[0]


def _index(chunk: dict[str, Any] | None) -> Any:
    return None if chunk is None else chunk["choices"][0].get("index")
