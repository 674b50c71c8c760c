"""What Google's API has not: builds, secrets, instances and network endpoint groups."""

import signal
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from netra_cloud.run.api.answers import body_of
from netra_cloud.run.controller import Controller
from netra_cloud.run.core.errors import InvalidArgument, NotFound
from netra_cloud.run.core.names import short
from netra_cloud.run.doors import Doors

Json = dict[str, Any]

DEFAULT_LOCATION = "us-central1"
_PORTS = 2**16
_SIGNALS = {
    "KILL": signal.SIGKILL,
    "TERM": signal.SIGTERM,
    "STOP": signal.SIGSTOP,
    "CONT": signal.SIGCONT,
}


class LocalApi:
    """The handlers below ``/local/v1``."""

    def __init__(self, controller: Controller, doors: Doors) -> None:
        self._controller = controller
        self._doors = doors

    def routes(self) -> list[Route]:
        """Return the routes."""
        root = "/local/v1"
        return [
            Route(f"{root}/builds", self.add_build, methods=["POST"]),
            Route(f"{root}/builds", self.list_builds, methods=["GET"]),
            Route(f"{root}/negs", self.list_groups, methods=["GET"]),
            Route(f"{root}/negs/{{service}}", self.get_group, methods=["GET"]),
            Route(f"{root}/negs/{{service}}", self.pin_group, methods=["PUT"]),
            Route(f"{root}/instances", self.list_instances, methods=["GET"]),
            Route(f"{root}/instances/{{instance}}:kill", self.kill, methods=["POST"]),
            Route(f"{root}/secrets/{{secret}}", self.add_secret, methods=["PUT"]),
            Route(
                f"{root}/secrets/{{secret}}/versions/{{number:int}}:{{verb}}",
                self.change_secret,
                methods=["POST"],
            ),
        ]

    async def add_build(self, request: Request) -> Response:
        """Register a directory and a command as an image."""
        body = await body_of(request)
        try:
            image = self._controller.builds.add(
                name=body["name"],
                directory=Path(body["directory"]),
                command=body["command"],
                env=body.get("env", {}),
                tag=body.get("tag", "latest"),
                in_place=bool(body.get("inPlace")),
            )
        except KeyError as error:
            raise InvalidArgument(f"build: the field {error} is missing") from None
        except ValueError as error:
            raise InvalidArgument(f"build: {error}") from None
        return JSONResponse({"image": image, "digest": image.partition("@")[2]})

    async def list_builds(self, _request: Request) -> Response:
        """List names, tags and digests."""
        return JSONResponse({"builds": self._controller.builds.all()})

    async def list_groups(self, _request: Request) -> Response:
        """List the network endpoint groups."""
        await self._doors.settled()
        return JSONResponse({"negs": self._doors.groups()})

    async def get_group(self, request: Request) -> Response:
        """Return the group of a service, or of its tag."""
        await self._doors.settled()
        service, tag = request.path_params["service"], request.query_params.get("tag") or None
        for group in self._doors.groups(service):
            if group["tag"] == tag:
                return JSONResponse(group)
        raise NotFound(f"There is no service '{service}'" + (f" with tag '{tag}'." if tag else "."))

    async def pin_group(self, request: Request) -> Response:
        """Choose the port of a service's or tag's group, before that is created."""
        body = await body_of(request)
        port = body.get("port")
        if not isinstance(port, int) or not 0 < port < _PORTS:
            raise InvalidArgument(f"port {port!r}: use a number from 1 to 65535")
        location = str(body.get("location", DEFAULT_LOCATION))
        tag = request.query_params.get("tag", "")
        self._doors.pin(location, request.path_params["service"], port, tag)
        return JSONResponse({"port": port})

    async def list_instances(self, request: Request) -> Response:
        """List the instances, of a service or a revision when asked."""
        service = request.query_params.get("service", "")
        revision = request.query_params.get("revision", "")
        found = [
            {
                "id": instance.id,
                "service": name.split("/")[5],
                "revision": short(name),
                "pid": instance.pid,
                "port": instance.port,
                "state": str(instance.stage),
                "active": instance.active,
                "served": instance.served,
                "startTime": instance.started_at,
            }
            for name, pool in sorted(self._controller.pools.items())
            for instance in pool.instances.values()
            if service in {"", name.split("/")[5]} and revision in {"", short(name)}
        ]
        return JSONResponse({"instances": found})

    async def kill(self, request: Request) -> Response:
        """Send a signal to an instance: KILL, TERM, STOP (freeze) or CONT."""
        name = str((await body_of(request)).get("signal", "KILL")).removeprefix("SIG")
        if name not in _SIGNALS:
            raise InvalidArgument(f"signal {name!r}: use one of {', '.join(_SIGNALS)}")
        wanted = request.path_params["instance"]
        for pool in self._controller.pools.values():
            for instance in pool.instances.values():
                if instance.id.startswith(wanted):
                    if name == "TERM":
                        instance.signal(signal.SIGTERM)
                    else:
                        instance.kill_group(_SIGNALS[name])
                    return JSONResponse({"id": instance.id, "signal": name})
        raise NotFound(f"There is no instance '{wanted}'.")

    async def add_secret(self, request: Request) -> Response:
        """Add a version of a secret."""
        value = str((await body_of(request)).get("value", ""))
        number = self._controller.secrets.add(request.path_params["secret"], value)
        return JSONResponse({"version": number})

    async def change_secret(self, request: Request) -> Response:
        """Disable or enable a version."""
        verb = request.path_params["verb"]
        if verb not in {"disable", "enable"}:
            raise InvalidArgument(f"verb {verb!r}: use disable or enable")
        self._controller.secrets.enable(
            request.path_params["secret"],
            request.path_params["number"],
            enabled=verb == "enable",
        )
        return JSONResponse({})
