"""RFC 9457 problem documents for every HTTP error, and their OpenAPI description."""

import math
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Match

from netra_shared.errors import InvalidRequest, NetraError, RetryClass
from netra_shared.logging import get_logger
from netra_shared.telemetry import current_trace_id

PROBLEM_TYPE = "application/problem+json"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")

_log = get_logger(__name__)


def problem_document(error: NetraError) -> dict[str, Any]:
    """Return ``error`` as the members of a problem document."""
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "code": error.code,
        "retry": error.retry.value,
    }
    if trace_id := current_trace_id():
        document["trace_id"] = trace_id
    if error.retry_after is not None:
        document["retry_after"] = error.retry_after
    return document | error.fields


def problem_headers(error: NetraError) -> dict[str, str]:
    """Return the headers that belong to ``error``: challenge, Retry-After, no caching."""
    headers = {"Cache-Control": "no-store"}
    if error.status == 401:  # noqa: PLR2004  RFC 9110 section 15.5.2 demands the challenge
        headers["WWW-Authenticate"] = 'Bearer realm="netra"'
    if error.retry_after is not None:
        # Rounded up: an early retry would be refused again.
        headers["Retry-After"] = str(max(1, math.ceil(error.retry_after)))
    return headers


def install_problem_handlers(app: FastAPI) -> None:
    """Answer every error of ``app`` with a problem document.

    A path with a superfluous slash is an error as well: the framework would redirect it, behind the
    edge with the wrong scheme and port.
    """
    app.router.redirect_slashes = False

    @app.exception_handler(NetraError)
    async def netra_error(_request: Request, error: NetraError) -> JSONResponse:
        return problem_response(error)

    @app.exception_handler(RequestValidationError)
    async def validation_error(_request: Request, error: RequestValidationError) -> JSONResponse:
        return _validation_problem([_refused(item) for item in error.errors()])

    @app.exception_handler(HTTPException)
    async def http_error(request: Request, error: HTTPException) -> JSONResponse:
        if error.status_code == 400:  # noqa: PLR2004  # the framework's answer to a body that is not text
            return _validation_problem([{"field": "", "problem": "not JSON in UTF-8"}])
        headers = dict(error.headers or {})
        if error.status_code == 405:  # noqa: PLR2004  the framework names one route's methods only
            headers["Allow"] = ", ".join(_allowed(request))  # RFC 9110 section 15.5.6
        code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "http_error")
        return JSONResponse(
            {
                "type": "about:blank",
                "title": str(error.detail),
                "status": error.status_code,
                "detail": str(error.detail),
                "code": code,
                "retry": RetryClass.NEVER.value,
            },
            status_code=error.status_code,
            headers=headers,
            media_type=PROBLEM_TYPE,
        )

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> JSONResponse:
        error_id = uuid4().hex
        _log.error("unhandled exception", error_id=error_id, path=request.url.path, exc_info=error)
        return JSONResponse(
            {
                "type": "about:blank",
                "title": "Internal error",
                "status": 500,
                "detail": f"Unexpected error; quote the id {error_id} when you report it.",
                "code": "internal_error",
                "retry": RetryClass.BACKOFF.value,
                "error_id": error_id,
            },
            status_code=500,
            headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"},
            media_type=PROBLEM_TYPE,
        )


def _validation_problem(problems: list[dict[str, str]]) -> JSONResponse:
    """Return the answer to invalid input, with the problem of each field."""
    named = "; ".join(f"{item['field'] or 'body'}: {item['problem']}" for item in problems)
    document = problem_document(InvalidRequest(f"The request was refused: {named}"))
    return JSONResponse(
        document | {"status": 422, "code": "validation_failed", "errors": problems},
        status_code=422,
        media_type=PROBLEM_TYPE,
    )


def _refused(item: Mapping[str, Any]) -> dict[str, str]:
    """Return the refused field, empty for the whole body, and the reason."""
    place, kind = item["loc"], item["type"]
    if kind == "json_invalid":
        why = f"not JSON: {item['ctx']['error']} at character {place[-1]}"
        return {"field": "", "problem": why}
    field = ".".join(str(part) for part in place[1:])
    if kind == "model_attributes_type" and not field:
        return {"field": "", "problem": "must be a JSON object, sent as application/json"}
    return {"field": field, "problem": str(item["msg"]).removeprefix("Value error, ")}


def _allowed(request: Request) -> list[str]:
    """Return the methods that the path accepts."""
    routes = request.app.router.routes
    return [
        method
        for method in METHODS
        if any(
            route.matches({**request.scope, "method": method})[0] is Match.FULL for route in routes
        )
    ]


def problem_response(error: NetraError) -> JSONResponse:
    """Return ``error`` as a response."""
    return JSONResponse(
        problem_document(error),
        status_code=error.status,
        headers=problem_headers(error),
        media_type=PROBLEM_TYPE,
    )


_PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code", "retry"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "description": "Stable; match on this."},
        "retry": {"type": "string", "enum": [item.value for item in RetryClass]},
        "retry_after": {"type": "number", "description": "Seconds."},
        "trace_id": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
    },
}


def problem_responses(*errors: type[NetraError]) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI ``responses`` of a route that can raise ``errors``.

    422 and 500 are included, because any route can refuse its input or fail.
    """
    texts: dict[int, list[str]] = {422: ["`validation_failed`"], 500: ["`internal_error`"]}
    for error in errors:
        texts.setdefault(error.status, []).append(f"`{error.code}`")
    return {
        status: {
            "description": "Problem, code " + " or ".join(dict.fromkeys(codes)),
            "content": {PROBLEM_TYPE: {"schema": _PROBLEM_SCHEMA}},
        }
        for status, codes in sorted(texts.items())
    }
