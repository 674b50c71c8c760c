"""IAM of services: policies are stored and returned; access is not enforced.

Source: google/iam/v1/iam_policy.proto.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from netra_cloud.run.api.answers import body_of
from netra_cloud.run.controller import Controller
from netra_cloud.run.core import services
from netra_cloud.run.core.names import Parent
from netra_cloud.run.core.records import ServiceRecord

Json = dict[str, Any]


def iam_routes(path: str, controller: Controller) -> list[Route]:
    """Return the IAM methods of the services at ``path``."""

    def found(request: Request) -> ServiceRecord:
        name = Parent(request.path_params["project"], request.path_params["location"]).service(
            request.path_params["service"]
        )
        service = controller.state.service(name)
        if service is None:
            raise services.not_found(name)
        return service

    async def get_policy(request: Request) -> Response:
        return JSONResponse(found(request).iam_policy or {"version": 1, "etag": "ACAB"})

    async def set_policy(request: Request) -> Response:
        policy = (await body_of(request)).get("policy", {})
        stored = {"version": 1, **policy, "etag": controller.moment().uid[:8]}
        controller.set_policy(found(request), stored)
        return JSONResponse(stored)

    async def test_permissions(request: Request) -> Response:
        found(request)
        return JSONResponse({"permissions": (await body_of(request)).get("permissions", [])})

    return [
        Route(f"{path}:getIamPolicy", get_policy, methods=["GET"]),
        Route(f"{path}:setIamPolicy", set_policy, methods=["POST"]),
        Route(f"{path}:testIamPermissions", test_permissions, methods=["POST"]),
    ]
