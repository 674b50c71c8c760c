"""The HTTP side of the wire server: identity, threads, pages."""

import asyncio
from collections import deque
from typing import Any
from uuid import UUID, uuid4

import msgspec
from starlette.requests import Request
from starlette.responses import Response

PASSWORD = "correct horse battery staple"


class HttpSide:
    """Issues tokens ``t1``, ``t2``, ... and refresh tokens ``r1``, ``r2``, ...; remembers calls."""

    def __init__(self) -> None:
        self.user_id = uuid4()
        self.calls: list[str] = []
        self.issued = 0
        self.expires_in = 900.0
        self.revoked = False
        self.refresh_delay = 0.0
        self.refreshing = asyncio.Event()
        self.refused_tokens: set[str] = set()
        self.failures: deque[tuple[int, dict[str, str]]] = deque()
        self.messages: dict[UUID, list[dict[str, Any]]] = {}
        self.runs: dict[UUID, list[dict[str, Any]]] = {}
        self.threads: list[dict[str, Any]] = []
        self.page_size = 2

    async def respond(self, request: Request) -> Response:
        path = request.url.path
        self.calls.append(f"{request.method} {path}")
        body = await request.body()
        data = msgspec.json.decode(body) if body else {}
        if self.failures:
            status, headers = self.failures.popleft()
            return problem(status, "unavailable", "backoff", headers)
        if path.startswith("/api/auth/"):
            return await self._identity(path.removeprefix("/api/auth/"), data)
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not token or token in self.refused_tokens:
            return problem(401, "token_expired", "after-refresh")
        return self._threads(request, data)

    async def _identity(self, action: str, data: dict[str, Any]) -> Response:
        user = {"id": str(self.user_id), "email": "ada@example.org", "roles": ["user"]}
        if action in {"login", "register"}:
            if data["password"] != PASSWORD:
                return problem(401, "credentials_refused", "never")
            return answer({**self._pair(), "user": user}, 201 if action == "register" else 200)
        if action == "refresh":
            self.refreshing.set()
            await asyncio.sleep(self.refresh_delay)
            if self.revoked or data["refresh_token"] != f"r{self.issued}":
                return problem(401, "refresh_token_refused", "never")
            return answer(self._pair())
        if action == "ws-ticket":
            return answer({"ticket": f"k{uuid4().hex}", "expires_in": 60}, 201)
        return answer(user) if action == "me" else Response(status_code=204)

    def _pair(self) -> dict[str, Any]:
        self.issued += 1
        return {
            "access_token": f"t{self.issued}",
            "token_type": "Bearer",
            "expires_in": self.expires_in,
            "refresh_token": f"r{self.issued}",
            "refresh_expires_in": 86_400,
        }

    def _threads(self, request: Request, data: dict[str, Any]) -> Response:
        parts = request.url.path.removeprefix("/api/threads").strip("/").split("/")
        if request.method == "DELETE" or parts[1:] == ["branch"]:
            return Response(status_code=204)
        if not parts[0]:
            if request.method == "GET":
                return self._page(request, self.threads)
            known = [item for item in self.threads if item["id"] == data["id"]]
            if not known:
                self.threads.insert(0, thread(data["id"], data.get("title")))
            return answer((known or self.threads)[0], 200 if known else 201)
        thread_id = UUID(parts[0])
        if parts[1:] == ["messages"]:
            items = self.messages.get(thread_id, [])
            newest_first = request.query_params.get("order") == "desc"
            return self._page(request, items[::-1] if newest_first else items)
        if parts[1:] == ["runs"]:
            return self._page(request, self.runs.get(thread_id, []))
        return answer(thread(str(thread_id), data.get("title")))

    def _page(self, request: Request, items: list[dict[str, Any]]) -> Response:
        start = int(request.query_params.get("cursor", 0))
        end = start + self.page_size
        following = str(end) if end < len(items) else None
        return answer({"items": items[start:end], "nextCursor": following})


def thread(thread_id: str, title: str | None = None) -> dict[str, Any]:
    moment = "2026-01-01T00:00:00Z"
    return {"id": thread_id, "title": title, "createdAt": moment, "updatedAt": moment}


def message(role: str, content: str, run_id: UUID | None = None) -> dict[str, Any]:
    return {
        "id": str(uuid4()),
        "role": role,
        "content": content,
        "runId": None if run_id is None else str(run_id),
        "createdAt": "2026-01-01T00:00:00Z",
    }


def answer(value: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, media_type="application/json")


def problem(status: int, code: str, retry: str, headers: dict[str, str] | None = None) -> Response:
    document = {"title": code, "status": status, "detail": code, "code": code, "retry": retry}
    return Response(
        msgspec.json.encode(document), status, headers, media_type="application/problem+json"
    )
