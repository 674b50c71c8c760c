"""A tiny real HTTP server that speaks OpenAI's streamed chat completions."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

Delta = dict[str, Any]

USAGE = {"prompt_tokens": 11, "completion_tokens": 4, "total_tokens": 15}


def says(*words: str) -> list[Delta]:
    """Return the deltas of an answer in text."""
    return [{"content": word} for word in words]


def calls(name: str, arguments: dict[str, str]) -> list[Delta]:
    """Return the deltas of a tool call, its arguments in two pieces."""
    whole = json.dumps(arguments)
    head = {"index": 0, "id": "call_1", "type": "function"}
    return [
        {"tool_calls": [{**head, "function": {"name": name, "arguments": whole[:3]}}]},
        {"tool_calls": [{"index": 0, "function": {"arguments": whole[3:]}}]},
    ]


@dataclass
class OpenAIServer:
    """Answers request number n with ``answers[n]``: deltas, or a status to refuse with."""

    answers: Sequence[list[Delta] | int]
    requests: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    base_url: str = ""

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one request and close."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        headers = dict(line.split(": ", 1) for line in head.lower().splitlines()[1:] if line)
        body = json.loads(await reader.readexactly(int(headers["content-length"])))
        self.keys.append(headers["authorization"])
        self.requests.append(body)
        answer = self.answers[min(len(self.requests), len(self.answers)) - 1]
        if isinstance(answer, int):
            error = b'{"error": {"message": "internal host 10.0.0.7 refused key sk-123"}}'
            writer.write(
                f"HTTP/1.1 {answer} Refused\r\ncontent-type: application/json\r\n"
                f"content-length: {len(error)}\r\nconnection: close\r\n\r\n".encode()
                + error
            )
        else:
            writer.write(
                b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
            )
            for chunk in _chunks(body["model"], answer):
                writer.write(f"data: {json.dumps(chunk)}\n\n".encode())
                await writer.drain()
            writer.write(b"data: [DONE]\n\n")
        await writer.drain()
        writer.close()
        await writer.wait_closed()


def _chunks(model: str, deltas: list[Delta]) -> list[dict[str, Any]]:
    base = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": model}
    reason = "tool_calls" if "tool_calls" in deltas[-1] else "stop"
    parts: list[tuple[Delta, str | None]] = [*((delta, None) for delta in deltas), ({}, reason)]
    chunks = [
        {**base, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}
        for delta, finish in parts
    ]
    return [*chunks, {**base, "choices": [], "usage": USAGE}]


@asynccontextmanager
async def openai_server(*answers: list[Delta] | int) -> AsyncIterator[OpenAIServer]:
    """Serve on a port of the kernel's choice."""
    fake = OpenAIServer(answers)
    server = await asyncio.start_server(fake.handle, "127.0.0.1", 0)
    fake.base_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    try:
        yield fake
    finally:
        server.close()
        await server.wait_closed()
