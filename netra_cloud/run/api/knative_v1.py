"""Admin API v1, the Knative form that gcloud speaks.

gcloud puts the region into the host (``us-central1-run.googleapis.com``); sent through the
emulator as an HTTP proxy, the Host header carries it. Lists carry ``metadata``, without which
gcloud fails.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from netra_cloud.run.api.admin_v2 import AdminV2
from netra_cloud.run.api.answers import body_of, flag, not_emulated
from netra_cloud.run.api.iam import iam_routes
from netra_cloud.run.controller import Controller
from netra_cloud.run.core import knative, services
from netra_cloud.run.core.errors import NotFound
from netra_cloud.run.core.names import Parent, parent_of, short
from netra_cloud.run.core.records import RevisionRecord, ServiceRecord
from netra_cloud.run.core.views import revision_view

Json = dict[str, Any]

DEFAULT_LOCATION = "us-central1"
_ROOT = "/apis/serving.knative.dev/v1/namespaces/{project}"
_SERVICE_LABEL = "serving.knative.dev/service="


class KnativeV1:
    """The handlers."""

    def __init__(self, controller: Controller, admin: AdminV2) -> None:
        self._controller = controller
        self._admin = admin

    def routes(self) -> list[Route]:
        """Return the routes."""
        service = f"{_ROOT}/services/{{service}}"
        revision = f"{_ROOT}/revisions/{{revision}}"
        v1_service = "/v1/projects/{project}/locations/{location}/services/{service}"
        return [
            Route(f"{_ROOT}/services", self.list_services, methods=["GET"]),
            Route(f"{_ROOT}/services", self.create, methods=["POST"]),
            Route(service, self.get, methods=["GET"]),
            Route(service, self.replace, methods=["PUT"]),
            Route(service, self.delete, methods=["DELETE"]),
            Route(f"{_ROOT}/revisions", self.list_revisions, methods=["GET"]),
            Route(revision, self.get_revision, methods=["GET"]),
            Route(revision, self.delete_revision, methods=["DELETE"]),
            *iam_routes(v1_service, self._controller),
            Route("/v1/projects/{project}/locations", self.locations, methods=["GET"]),
            Route("/v1/projects/{project}", self.project, methods=["GET"]),
            Route("/v1/projects/{project}/services/{api}", self.usage, methods=["GET"]),
            Route("/apis/{rest:path}", not_emulated, methods=["GET", "POST", "PUT", "DELETE"]),
        ]

    async def create(self, request: Request) -> Response:
        """namespaces.services.create."""
        body = await body_of(request)
        name = body.get("metadata", {}).get("name", "")
        spec = knative.service_from(body)
        spec.pop("etag", None)
        self._controller.execute(
            lambda state, moment: services.create(state, _parent(request), name, spec, moment),
            validate_only=request.query_params.get("dryRun") == "all",
        )
        return JSONResponse(self._view(self._found(request, name)))

    async def replace(self, request: Request) -> Response:
        """namespaces.services.replaceService."""
        body = await body_of(request)
        service = self._found(request, request.path_params["service"])
        spec = knative.service_from(body)
        self._controller.execute(
            lambda state, moment: services.update(state, service.name, spec, "", moment),
            validate_only=request.query_params.get("dryRun") == "all",
        )
        return JSONResponse(self._view(self._found(request, short(service.name))))

    async def get(self, request: Request) -> Response:
        """namespaces.services.get."""
        return JSONResponse(self._view(self._found(request, request.path_params["service"])))

    async def delete(self, request: Request) -> Response:
        """namespaces.services.delete."""
        service = self._found(request, request.path_params["service"])
        self._controller.execute(
            lambda state, moment: services.delete(state, service.name, "", moment)
        )
        return JSONResponse({"apiVersion": "v1", "kind": "Status", "status": "Success"})

    async def list_services(self, request: Request) -> Response:
        """namespaces.services.list; the global host lists every region."""
        project = request.path_params["project"]
        location = _location(request)
        prefix = f"projects/{project}/locations/{location}/" if location else f"projects/{project}/"
        items = [self._view(one) for one in self._controller.state.services(prefix)]
        return JSONResponse(_list("ServiceList", items))

    async def list_revisions(self, request: Request) -> Response:
        """namespaces.revisions.list, by the label of the service."""
        selector = request.query_params.get("labelSelector", "")
        wanted = selector.partition(_SERVICE_LABEL)[2].partition(",")[0]
        items = [
            self._revision(one)
            for one in self._revisions(request)
            if wanted in {"", short(one.name.partition("/revisions/")[0])}
        ]
        return JSONResponse(_list("RevisionList", items))

    async def get_revision(self, request: Request) -> Response:
        """namespaces.revisions.get."""
        return JSONResponse(self._revision(self._found_revision(request)))

    async def delete_revision(self, request: Request) -> Response:
        """namespaces.revisions.delete."""
        revision = self._found_revision(request)
        self._controller.execute(
            lambda state, moment: services.delete_revision(state, revision.name, moment),
            validate_only=flag(request, "dryRun"),
        )
        return JSONResponse({"apiVersion": "v1", "kind": "Status", "status": "Success"})

    async def locations(self, request: Request) -> Response:
        """projects.locations.list: the regions in use, and the default one."""
        project = request.path_params["project"]
        used = {parent_of(one.name).location for one in self._controller.state.services()}
        return JSONResponse(
            {
                "locations": [
                    {"name": f"projects/{project}/locations/{name}", "locationId": name}
                    for name in sorted({*used, DEFAULT_LOCATION})
                ]
            }
        )

    async def project(self, request: Request) -> Response:
        """cloudresourcemanager.projects.get: every project exists."""
        name = request.path_params["project"]
        return JSONResponse(
            {"projectId": name, "projectNumber": "1", "name": name, "lifecycleState": "ACTIVE"}
        )

    async def usage(self, request: Request) -> Response:
        """serviceusage.services.get: every API is enabled."""
        project, api = request.path_params["project"], request.path_params["api"]
        return JSONResponse(
            {"name": f"projects/{project}/services/{api}", "state": "ENABLED", "parent": project}
        )

    def _found(self, request: Request, name: str) -> ServiceRecord:
        project, location = request.path_params["project"], _location(request)
        for service in self._controller.state.services(f"projects/{project}/"):
            where = parent_of(service.name)
            if short(service.name) == name and location in {"", where.location}:
                return service
        raise services.not_found(_parent(request).service(name))

    def _revisions(self, request: Request) -> list[RevisionRecord]:
        project, location = request.path_params["project"], _location(request)
        return [
            one
            for one in self._controller.state.revisions()
            if parent_of(one.name).project == project
            and location in {"", parent_of(one.name).location}
        ]

    def _found_revision(self, request: Request) -> RevisionRecord:
        wanted = request.path_params["revision"]
        for revision in self._revisions(request):
            if short(revision.name) == wanted:
                return revision
        parent = _parent(request)
        raise NotFound(
            f"Resource '{wanted}' of kind 'REVISION' in region '{parent.location}' in project "
            f"'{parent.project}' does not exist."
        )

    def _view(self, service: ServiceRecord) -> Json:
        view = self._admin.view(service)
        where = parent_of(service.name)
        uris = {one["tag"]: one.get("uri") for one in view["trafficStatuses"] if "tag" in one}
        statuses = [
            {
                "revisionName": target.revision,
                "percent": target.percent,
                **({"tag": target.tag, "url": uris.get(target.tag)} if target.tag else {}),
                **({"latestRevision": True} if target.latest else {}),
            }
            for target in service.serving
        ]
        return knative.service_to(
            view, project=where.project, location=where.location, statuses=statuses
        )

    def _revision(self, revision: RevisionRecord) -> Json:
        where = parent_of(revision.name)
        view = revision_view(self._controller.state, revision)
        return knative.revision_to(view, project=where.project, location=where.location)


def _location(request: Request) -> str:
    """Return the region that the host names, or nothing for the global host."""
    host = request.headers.get("host", "").partition(":")[0]
    prefix, found, _ = host.partition("-run.googleapis.com")
    return prefix if found else ""


def _parent(request: Request) -> Parent:
    return Parent(request.path_params["project"], _location(request) or DEFAULT_LOCATION)


def _list(kind: str, items: list[Json]) -> Json:
    return {
        "apiVersion": "serving.knative.dev/v1",
        "kind": kind,
        "metadata": {},
        "items": items,
    }
