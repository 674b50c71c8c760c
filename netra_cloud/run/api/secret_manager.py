"""The part of Secret Manager's API that a deploy reads: which versions a secret has.

Values are never served here; instances get them at their start. Source:
https://docs.cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets.versions/list
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from netra_cloud.run.api.answers import page
from netra_cloud.run.controller import Controller
from netra_cloud.run.core.errors import NotFound

Json = dict[str, Any]


class SecretManager:
    """The handlers."""

    def __init__(self, controller: Controller) -> None:
        self._controller = controller

    def routes(self) -> list[Route]:
        """Return the routes."""
        path = "/v1/projects/{project}/secrets/{secret}/versions"
        return [Route(path, self.list_versions, methods=["GET"])]

    async def list_versions(self, request: Request) -> Response:
        """List versions, newest first."""
        project, secret = request.path_params["project"], request.path_params["secret"]
        states = self._controller.secrets.states(secret)
        if not states:
            raise NotFound(f"Secret [projects/{project}/secrets/{secret}] not found.")
        name = f"projects/{project}/secrets/{secret}/versions"
        versions: list[Json] = [
            {"name": f"{name}/{number}", "state": "ENABLED" if enabled else "DISABLED"}
            for number, enabled in reversed(list(enumerate(states, 1)))
        ]
        shown, token = page(request, versions)
        more = {"nextPageToken": token} if token else {}
        return JSONResponse({"versions": shown, "totalSize": len(versions), **more})
