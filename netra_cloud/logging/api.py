"""``entries.list`` of the Cloud Logging API v2 (google/logging/v2/logging.proto)."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from netra_cloud.logging.filters import FilterProblem, matcher
from netra_cloud.logging.log_files import LogFiles
from netra_cloud.run.api.answers import body_of
from netra_cloud.run.core.errors import InvalidArgument

Json = dict[str, Any]

_DEFAULT_PAGE = 50
_MAX_PAGE = 1000


def logging_routes(logs: LogFiles) -> list[Route]:
    """Return the routes."""

    async def list_entries(request: Request) -> Response:
        body = await body_of(request)
        try:
            matches = matcher(str(body.get("filter", "")))
        except FilterProblem as problem:
            raise InvalidArgument(f"Unparseable filter: {problem}") from None
        found = [entry for entry in logs.entries() if matches(entry)]
        newest_first = str(body.get("orderBy", "timestamp asc")).strip().endswith("desc")
        found.sort(key=lambda one: (one["timestamp"], one["insertId"]), reverse=newest_first)
        size = min(int(body.get("pageSize") or _DEFAULT_PAGE), _MAX_PAGE)
        start = int(body.get("pageToken") or 0)
        end = start + size
        token = {"nextPageToken": str(end)} if end < len(found) else {}
        return JSONResponse({"entries": found[start:end], **token})

    return [Route("/v2/entries:list", list_entries, methods=["POST"])]
