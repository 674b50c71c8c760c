"""Admin API v2 over REST: services, revisions, operations.

Paths: the http rules of google/cloud/run/v2/service.proto, revision.proto and
google/longrunning/operations.proto.
"""

from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from netra_cloud.run.api.answers import body_of, flag, not_emulated, page
from netra_cloud.run.api.iam import iam_routes
from netra_cloud.run.controller import Controller
from netra_cloud.run.core import services
from netra_cloud.run.core.errors import InvalidArgument, NotFound
from netra_cloud.run.core.names import Parent, short
from netra_cloud.run.core.records import OperationRecord, ServiceRecord
from netra_cloud.run.core.template import seconds
from netra_cloud.run.core.views import operation_view, revision_view, service_view
from netra_cloud.run.doors import Doors

Json = dict[str, Any]

_PARENT = "/v2/projects/{project}/locations/{location}"
_MAX_WAIT_SECONDS = 300.0


class AdminV2:
    """The handlers."""

    def __init__(self, controller: Controller, doors: Doors) -> None:
        self._controller = controller
        self._doors = doors

    def routes(self) -> list[Route]:
        """Return the routes; those of what is not emulated are last."""
        service, revisions = f"{_PARENT}/services", f"{_PARENT}/services/{{service}}/revisions"
        operations = f"{_PARENT}/operations"
        return [
            Route(service, self.create, methods=["POST"]),
            Route(service, self.list_services, methods=["GET"]),
            *iam_routes(f"{service}/{{service}}", self._controller),
            Route(f"{service}/{{service}}", self.get, methods=["GET"]),
            Route(f"{service}/{{service}}", self.patch, methods=["PATCH"]),
            Route(f"{service}/{{service}}", self.delete, methods=["DELETE"]),
            Route(revisions, self.list_revisions, methods=["GET"]),
            Route(f"{revisions}/{{revision}}", self.get_revision, methods=["GET"]),
            Route(f"{revisions}/{{revision}}", self.delete_revision, methods=["DELETE"]),
            Route(operations, self.list_operations, methods=["GET"]),
            Route(f"{operations}/{{operation}}:wait", self.wait, methods=["POST"]),
            Route(f"{operations}/{{operation}}", self.get_operation, methods=["GET"]),
            Route(f"{operations}/{{operation}}", self.delete_operation, methods=["DELETE"]),
            Route("/v2/{rest:path}", not_emulated, methods=["GET", "POST", "PATCH", "DELETE"]),
        ]

    async def create(self, request: Request) -> Response:
        """CreateService."""
        service_id = request.query_params.get("serviceId", "")
        body = await body_of(request)
        return self._mutate(
            request,
            lambda state, moment: services.create(
                state, _parent(request), service_id, body, moment
            ),
        )

    async def patch(self, request: Request) -> Response:
        """UpdateService."""
        body = await body_of(request)
        mask = request.query_params.get("updateMask", "")
        allow_missing = flag(request, "allowMissing")
        return self._mutate(
            request,
            lambda state, moment: services.update(
                state, _service(request), body, mask, moment, allow_missing=allow_missing
            ),
        )

    async def delete(self, request: Request) -> Response:
        """DeleteService."""
        etag = request.query_params.get("etag", "")
        return self._mutate(
            request,
            lambda state, moment: services.delete(state, _service(request), etag, moment),
        )

    async def delete_revision(self, request: Request) -> Response:
        """DeleteRevision."""
        name = f"{_service(request)}/revisions/{request.path_params['revision']}"
        return self._mutate(request, partial(_delete_revision, name))

    def _mutate(self, request: Request, transition: Any) -> Response:
        operation = self._controller.execute(
            transition, validate_only=flag(request, "validateOnly")
        )
        return JSONResponse(self._operation(operation))

    async def get(self, request: Request) -> Response:
        """GetService."""
        return JSONResponse(self.view(self._found(_service(request))))

    async def list_services(self, request: Request) -> Response:
        """ListServices; ``-`` stands for every location."""
        parent = _parent(request)
        prefix = f"projects/{parent.project}/locations/" if parent.location == "-" else f"{parent}/"
        found, token = page(
            request, [self.view(one) for one in self._controller.state.services(prefix)]
        )
        return JSONResponse({"services": found, **_next(token)})

    async def get_revision(self, request: Request) -> Response:
        """GetRevision."""
        name, revision = _service(request), request.path_params["revision"]
        state = self._controller.state
        found = state.revision(name, revision)
        if found is None:
            raise _revision_not_found(request, revision)
        return JSONResponse(revision_view(state, found))

    async def list_revisions(self, request: Request) -> Response:
        """ListRevisions, newest first; ``-`` stands for every service."""
        state = self._controller.state
        service = request.path_params["service"]
        prefix = f"{_parent(request)}/services/"
        found = [
            revision_view(state, one)
            for one in state.revisions()
            if one.name.startswith(prefix)
            and service in {"-", one.name.removeprefix(prefix).partition("/")[0]}
        ]
        shown, token = page(request, found)
        return JSONResponse({"revisions": shown, **_next(token)})

    async def get_operation(self, request: Request) -> Response:
        """google.longrunning.Operations.GetOperation."""
        return JSONResponse(self._operation(self._found_operation(request)))

    async def wait(self, request: Request) -> Response:
        """google.longrunning.Operations.WaitOperation."""
        operation = self._found_operation(request)
        timeout = (await body_of(request)).get("timeout", f"{_MAX_WAIT_SECONDS}s")
        await self._controller.wait_for(
            operation.name, min(seconds(str(timeout)), _MAX_WAIT_SECONDS)
        )
        return JSONResponse(self._operation(self._found_operation(request)))

    async def list_operations(self, request: Request) -> Response:
        """google.longrunning.Operations.ListOperations."""
        found = [
            self._operation(one)
            for one in self._controller.state.operations(f"{_parent(request)}/")
        ]
        shown, token = page(request, found)
        return JSONResponse({"operations": shown, **_next(token)})

    async def delete_operation(self, request: Request) -> Response:
        """google.longrunning.Operations.DeleteOperation."""
        self._controller.forget(self._found_operation(request))
        return JSONResponse({})

    def _found(self, name: str) -> ServiceRecord:
        found = self._controller.state.service(name)
        if found is None:
            raise services.not_found(name)
        return found

    def _found_operation(self, request: Request) -> OperationRecord:
        name = _parent(request).operation(request.path_params["operation"])
        found = self._controller.state.operation(name)
        if found is None:
            raise NotFound(f"Operation '{short(name)}' was not found.")
        return found

    def view(self, service: ServiceRecord) -> Json:
        """Return a ``Service`` with its addresses."""
        return self._with_addresses(service_view(self._controller.state, service))

    def _with_addresses(self, view: Json) -> Json:
        service = self._controller.state.service(view.get("name", ""))
        if service is None:
            return view
        addresses = self._doors.addresses(service)
        statuses = [
            {**status, "uri": addresses["tags"][status["tag"]]}
            if status.get("tag") in addresses["tags"]
            else status
            for status in view.get("trafficStatuses", [])
        ]
        shown = {**view, "trafficStatuses": statuses}
        if not view.get("defaultUriDisabled"):
            shown |= {"uri": addresses["uri"], "urls": addresses["urls"]}
        return shown

    def _operation(self, operation: OperationRecord) -> Json:
        view = operation_view(operation)
        for part in ("metadata", "response"):
            if part in view:
                view[part] = self._with_addresses(view[part])
        return view


def _delete_revision(name: str, state: Any, moment: Any) -> Any:
    return services.delete_revision(state, name, moment)


def _parent(request: Request) -> Parent:
    return Parent(request.path_params["project"], request.path_params["location"])


def _service(request: Request) -> str:
    name = request.path_params["service"]
    if ":" in name:
        raise InvalidArgument(f"Method ':{name.partition(':')[2]}' is not known for services.")
    return _parent(request).service(name)


def _next(token: str) -> Json:
    return {"nextPageToken": token} if token else {}


def _revision_not_found(request: Request, revision: str) -> NotFound:
    parent = _parent(request)
    return NotFound(
        f"Resource '{revision}' of kind 'REVISION' in region '{parent.location}' in project "
        f"'{parent.project}' does not exist."
    )
