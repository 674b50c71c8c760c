"""A local Cloud Run in a process of its own, and Google's client for it."""

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from google.api_core.client_options import ClientOptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import run_v2
from google.protobuf.field_mask_pb2 import FieldMask

from netra_cloud.run.builds import Builds
from netra_cloud.run.process import LocalCloudRun

PARENT = "projects/local/locations/us-central1"
DEADLINE = 60.0  # of an operation on a busy machine; it takes half a second on a quiet one
APPS = Path(__file__).with_name("apps")


@dataclass
class Cloud:
    """What a test needs."""

    process: LocalCloudRun
    data: Path
    image: str

    @property
    def services(self) -> run_v2.ServicesClient:
        return run_v2.ServicesClient(**self._arguments())

    @property
    def revisions(self) -> run_v2.RevisionsClient:
        return run_v2.RevisionsClient(**self._arguments())

    def _arguments(self) -> dict[str, Any]:
        return {
            "credentials": AnonymousCredentials(),  # type: ignore[no-untyped-call]
            "transport": "rest",
            "client_options": ClientOptions(api_endpoint=self.process.api),
        }

    def service(
        self, env: Mapping[str, str] | None = None, revision: str = "", **template: Any
    ) -> run_v2.Service:
        """Return a service that runs the test's app."""
        container = run_v2.Container(
            image=self.image,
            env=[run_v2.EnvVar(name=name, value=value) for name, value in (env or {}).items()],
        )
        for probe in ("startup_probe", "liveness_probe", "readiness_probe", "ports"):
            if probe in template:
                setattr(container, probe, template.pop(probe))
        return run_v2.Service(
            template=run_v2.RevisionTemplate(containers=[container], revision=revision, **template)
        )

    def create(self, name: str, service: run_v2.Service | None = None) -> run_v2.Service:
        """Create a service and wait until it is ready."""
        operation = self.services.create_service(
            parent=PARENT, service_id=name, service=service or self.service()
        )
        result: run_v2.Service = done(operation)
        return result

    def stage(self, name: str, revision: str, tag: str) -> run_v2.Service:
        """Add a revision at 0 % with a tag."""
        current = self.services.get_service(name=f"{PARENT}/services/{name}")
        update = self.service(revision=revision)
        update.name = current.name
        update.traffic = [*pinned(current), target(revision, 0, tag)]
        operation = self.services.update_service(
            service=update, update_mask=FieldMask(paths=["template", "traffic"])
        )
        result: run_v2.Service = done(operation)
        return result

    def split(self, name: str, *traffic: run_v2.TrafficTarget) -> run_v2.Service:
        """Change the traffic."""
        update = run_v2.Service(name=f"{PARENT}/services/{name}", traffic=traffic)
        operation = self.services.update_service(
            service=update, update_mask=FieldMask(paths=["traffic"])
        )
        result: run_v2.Service = done(operation)
        return result

    def get(self, service: str, path: str = "/", **arguments: Any) -> httpx.Response:
        """Send a request to a service's local run.app address."""
        headers = {"host": host(service), **arguments.pop("headers", {})}
        return httpx.get(
            f"{self.process.data}{path}", headers=headers, timeout=DEADLINE, **arguments
        )

    def served_by(self, service: str, count: int = 1) -> list[str]:
        """Return the revisions that answered ``count`` requests."""
        return [self.get(service).json()["revision"] for _ in range(count)]

    def local(self, path: str) -> Any:
        """Read the emulator's own API."""
        return httpx.get(f"{self.process.api}/local/v1/{path}", timeout=DEADLINE).json()

    def write(self, path: str, body: dict[str, Any], method: str = "PUT") -> None:
        """Write to the emulator's own API."""
        url = f"{self.process.api}/local/v1/{path}"
        httpx.request(method, url, json=body, timeout=DEADLINE).raise_for_status()

    def instances(self, service: str) -> list[dict[str, Any]]:
        """Return a service's instances."""
        found: list[dict[str, Any]] = self.local(f"instances?service={service}")["instances"]
        return found

    def logs(self, query: str) -> list[dict[str, Any]]:
        """Return log entries."""
        answer = httpx.post(
            f"{self.process.api}/v2/entries:list",
            json={"filter": query, "pageSize": 1000},
            timeout=DEADLINE,
        )
        entries: list[dict[str, Any]] = answer.json().get("entries", [])
        return entries


def done(operation: Any) -> Any:
    """Wait for an operation; return its resource or raise its error."""
    return operation.result(timeout=DEADLINE)


def register(data: Path) -> str:
    """Register the test's app as an image."""
    return Builds(data / "builds").add(
        name="local/app", directory=APPS, command=[sys.executable, "app.py"], tag="v1"
    )


def host(service: str) -> str:
    """Return the local name of a service, or of TAG---SERVICE."""
    return f"{service}.us-central1.run.localhost"


def target(revision: str, percent: int, tag: str = "") -> run_v2.TrafficTarget:
    """Return a traffic target."""
    kind = run_v2.TrafficTargetAllocationType.TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION
    return run_v2.TrafficTarget(type_=kind, revision=revision, percent=percent, tag=tag)


def pinned(service: run_v2.Service) -> Iterable[run_v2.TrafficTarget]:
    """Return a service's traffic with the latest revision named."""
    latest = service.latest_ready_revision.rpartition("/")[2]
    return [target(one.revision or latest, one.percent, one.tag) for one in service.traffic]
