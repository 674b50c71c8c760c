"""Requests and answers of the REST fronts."""

import json
from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from netra_cloud.run.core.errors import ApiError, InvalidArgument, Unimplemented

Json = dict[str, Any]

DEFAULT_PAGE = 100
MAX_PAGE = 1000


async def body_of(request: Request) -> Any:
    """Return the JSON body; an absent one is an empty object.

    Raises:
        InvalidArgument: it is no JSON.
    """
    data = await request.body()
    if not data:
        return {}
    try:
        return json.loads(data)
    except ValueError as error:
        raise InvalidArgument(
            f"Invalid JSON payload received. {error.args[0] if error.args else error}"
        ) from None


def flag(request: Request, name: str) -> bool:
    """Return a boolean of the query."""
    return request.query_params.get(name, "").lower() == "true"


def page(request: Request, items: Sequence[Json]) -> tuple[list[Json], str]:
    """Return the asked page of a list and the token of the next.

    Raises:
        InvalidArgument: the size or the token is unusable.
    """
    text = request.query_params.get("pageSize", "0") or "0"
    token = request.query_params.get("pageToken", "") or "0"
    if not text.isdigit():
        raise InvalidArgument("The page size must be a number of at least 0.")
    if not token.isdigit() or int(token) > len(items):
        raise InvalidArgument("The page token is invalid.", ("page_token", "unknown token"))
    size = min(int(text) or DEFAULT_PAGE, MAX_PAGE)
    start = int(token)
    end = start + size
    return list(items[start:end]), str(end) if end < len(items) else ""


async def api_error(_request: Request, error: Exception) -> Response:
    """Turn a refusal into Google's error body."""
    assert isinstance(error, ApiError)  # noqa: S101 -- registered for this class
    return JSONResponse(error.body(), error.http)


async def not_emulated(request: Request) -> Response:
    """Answer for what Google has and this emulator does not."""
    raise Unimplemented(
        f"{request.method} {request.url.path} is not emulated by the local Cloud Run. "
        "It emulates services, revisions and operations."
    )
