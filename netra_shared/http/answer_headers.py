"""Headers that every HTTP answer of a service has."""

from typing import Any

NOSNIFF = (b"x-content-type-options", b"nosniff")  # Fetch standard section 3.6
NO_STORE = (b"cache-control", b"no-store")  # RFC 9111 section 5.2.2.5


class AnswerHeaders:
    """ASGI middleware that adds ``nosniff``, and ``no-store`` unless a route allows caching.

    Answers of the framework's outermost error handler do not pass any middleware;
    ``netra_shared.http.problem`` adds the headers to them.

    Args:
        app: the application.
    """

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one ASGI connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Any) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                present = {name.lower() for name, _ in headers}
                headers += [item for item in (NOSNIFF, NO_STORE) if item[0] not in present]
                message = message | {"headers": headers}
            await send(message)

        await self._app(scope, receive, send_with_headers)
