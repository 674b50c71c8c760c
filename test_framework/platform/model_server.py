"""A language model of our own: a real HTTP server with OpenAI's streamed chat completions.

The user's message says what to do, so the server keeps no state between tests: ``words=N`` answers
with N numbered words, ``pace=S`` waits S seconds between two of them, ``tool=CODE`` first calls
the tool ``explain_code`` with CODE, ``stop=M`` first calls ``stop_long_runs``, which a person must
approve, and ``say=TEXT``, TEXT being base64url without padding, answers with exactly that text.
The question of the golden path's check, about close code 4413, calls ``explain_code`` too.
"""

import base64
import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from test_framework.leaks.keepers import THREAD, keeping
from test_framework.leaks.resources import socket_number

MODEL = "e2e-model"
_CLOSE_CODE = re.compile(r"What does close code (4413) mean")
PIECE = 5  # characters of one token of ``say``; cuts most Markdown in the middle


def answer_of(words: int) -> str:
    """Return the text that ``words=N`` leads to."""
    return "".join(f"word-{number} " for number in range(words))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        instruction, tool_answered = _last_instruction(body["messages"])
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        try:
            for chunk in _chunks(body["model"], instruction, tool_answered=tool_answered):
                self.wfile.write(f"data: {chunk}\n\n".encode())
        except OSError:
            return  # the run was stopped: the backend closed the connection
        finally:
            self.close_connection = True

    def log_message(self, *_arguments: Any) -> None:
        """Keep the test's output clean."""


def _last_instruction(messages: list[dict[str, Any]]) -> tuple[dict[str, str], bool]:
    last = max(i for i, message in enumerate(messages) if message["role"] == "user")
    content = messages[last]["content"]
    text = content if isinstance(content, str) else " ".join(part["text"] for part in content)
    instruction = dict(word.split("=", 1) for word in text.split() if "=" in word)
    if asked := _CLOSE_CODE.search(text):  # what operators' checks ask; a model calls the tool
        instruction |= {"tool": asked[1]}
    return instruction, any(message["role"] == "tool" for message in messages[last:])


def say(text: str) -> str:
    """Return the message that makes the model answer with ``text``."""
    return f"say={base64.urlsafe_b64encode(text.encode()).decode().rstrip('=')}"


def _call(instruction: dict[str, str]) -> dict[str, str] | None:
    if "tool" in instruction:
        return {"name": "explain_code", "arguments": json.dumps({"code": instruction["tool"]})}
    if "stop" in instruction:
        minutes = json.dumps({"minutes": int(instruction["stop"])})
        return {"name": "stop_long_runs", "arguments": minutes}
    return None


def _pieces(instruction: dict[str, str]) -> Iterator[str]:
    if "say" not in instruction:
        yield from (f"word-{number} " for number in range(int(instruction.get("words", "3"))))
        return
    padded = instruction["say"] + "=" * (-len(instruction["say"]) % 4)
    text = base64.urlsafe_b64decode(padded).decode()
    yield from (text[at : at + PIECE] for at in range(0, len(text), PIECE))


def _chunks(model: str, instruction: dict[str, str], *, tool_answered: bool) -> Iterator[str]:
    base = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": model}

    def chunk(delta: dict[str, Any], finish: str | None = None) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return json.dumps({**base, "choices": [choice]})

    function = _call(instruction)
    if function is not None and not tool_answered:
        call = {"index": 0, "id": f"call_{time.monotonic_ns()}", "type": "function"}
        yield chunk({"tool_calls": [{**call, "function": function}]})
        yield chunk({}, "tool_calls")
    else:
        for piece in _pieces(instruction):
            time.sleep(float(instruction.get("pace", "0")))
            yield chunk({"content": piece})
        yield chunk({}, "stop")
    yield json.dumps({**base, "choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 1}})
    yield "[DONE]"


class _Server(ThreadingHTTPServer):
    """Its requests may outlast the test that caused them: a run continues without its socket."""

    daemon_threads = True
    request_queue_size = 128  # with the default of 5 a call beyond them waits a second, then three

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve one connection, declared as the server's own for as long as it lasts."""
        threading.current_thread().name = f"{THREAD}-model"
        with keeping(socket_number(request.fileno())):
            super().process_request_thread(request, client_address)


@contextmanager
def model_server() -> Iterator[str]:
    """Serve on a port of the kernel's choice; yields the base URL."""
    server = _Server(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever, name="model-server")
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
