"""The real platform with its backend on the local Cloud Run, behind the real edge."""

import asyncio
import base64
import json
import os
import secrets
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import httpx

from netra_client import IdentityClient
from netra_cloud.run.process import LocalCloudRun, RunOptions, local_cloud_run
from netra_ops.deploy.build.local import LocalBuilder
from netra_ops.deploy.target import Target, find_target
from netra_ops.edge.local import LocalEdge
from netra_ops.environments.access import EMAIL_VARIABLE, PASSWORD_VARIABLE
from netra_ops.services.http_server import HttpServer
from netra_ops.services.loopback import LOOPBACK, free_port
from netra_ops.stack.edge_server import edge_server
from netra_ops.stack.paths import StackPaths
from test_framework.fixtures.stores import migrate_all
from test_framework.platform.model_server import MODEL, model_server
from test_framework.project import PROJECT_ROOT
from test_framework.throwaway_stores import throwaway_stores

SERVICE = "netra-backend-local"
START_SECONDS = 180.0
STOP_SECONDS = 10.0
COMMAND_SECONDS = 600.0  # a deploy with a drain of 200 sockets on a busy machine
# Every socket comes from one address and most are of one person.
GENEROUS = {
    "RATE_LOGIN_PER_ADDRESS": "3000 per 1 minute",
    "RATE_LOGIN_PER_ACCOUNT": "300 per 5 minute",
    "RATE_REGISTER_PER_ADDRESS": "3000 per 1 minute",
    "SOCKETS__MAX_CONNECTIONS_PER_USER": "1000",
}


@dataclass(frozen=True)
class Finished:
    """A command that has ended; its output has one JSON object a line."""

    status: int
    output: str

    def started(self, step: str) -> float:
        """Return the Unix seconds at which a step started.

        Raises:
            ValueError: it has no such step.
        """
        for line in self.output.splitlines():
            if line.startswith('{"step"'):
                event = json.loads(line)
                if (event["step"], event["kind"]) == (step, "start"):
                    return datetime.fromisoformat(event["at"]).timestamp()
        raise ValueError(f"no step {step} in:\n{self.output}")


@dataclass(frozen=True)
class Platform:
    """The platform; its first backend revision was made before any deploy.

    Attributes:
        url: the public address, of the edge.
        cloud: where the backend runs.
        operator: variables that name the operator's account.
        token: an access token of an ordinary account.
    """

    url: str
    cloud: LocalCloudRun
    operator: Mapping[str, str]
    token: str

    @property
    def target(self) -> Target:
        """The environment as a deploy sees it."""
        return find_target(environment="local", endpoint=self.cloud.api, url=self.url)

    async def netra(self, *arguments: str) -> Finished:
        """Run a ``netra`` command against this platform, as an operator."""
        place = (
            "--environment",
            "local",
            "--endpoint",
            self.cloud.api,
            "--url",
            self.url,
            "--json",
        )
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "netra_ops.cli", *arguments, *place),
            cwd=PROJECT_ROOT,
            env={**os.environ, **self.operator},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        async with asyncio.timeout(COMMAND_SECONDS):
            output, _ = await process.communicate()
        return Finished(process.returncode or 0, output.decode())

    async def serving(self) -> str:
        """Return the revision that answers a new connection at the public address, or a status."""
        async with httpx.AsyncClient(timeout=START_SECONDS) as http:
            answer = await http.get(f"{self.url}/health")
        if answer.status_code != httpx.codes.OK:
            return f"status {answer.status_code}"
        return str(answer.json()["releaseId"])


@asynccontextmanager
async def platform_on_cloud_run(folder: Path) -> AsyncIterator[Platform]:
    """Start everything in ``folder``, a short path: Envoy's admin socket lies in it."""
    async with AsyncExitStack() as ends:
        postgres, valkey = ends.enter_context(throwaway_stores())
        await migrate_all(postgres.url)
        edge_port = free_port()
        url = f"http://{LOOPBACK}:{edge_port}"
        shared = {
            "ENVIRONMENT": "test",
            "DATABASE_URL": postgres.url,
            "REDIS_URL": valkey.url,
            "JWT_SECRET_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
            "HOST": LOOPBACK,
            "LOG_FORMAT": "json",
            "TRUSTED_PROXIES": "127.0.0.1/32",
            "ALLOWED_ORIGINS": url,
            **GENEROUS,
        }
        auth = _service("auth_service", folder, shared)
        await auth.start()
        ends.push_async_callback(auth.stop, STOP_SECONDS)
        model = {
            "NETRA_MODEL": MODEL,
            "NETRA_MODEL_BASE_URL": ends.enter_context(model_server()),
        }
        cloud = ends.enter_context(local_cloud_run(RunOptions(folder / "cloud")))
        backend_port = await asyncio.to_thread(_create_backend, cloud, shared | model)
        described = LocalEdge(
            port=edge_port,
            addresses=(LOOPBACK,),
            auth_port=auth.port,
            backend_port=backend_port,
            directory=(paths := StackPaths(folder / "edge")).edge_configuration,
        )
        paths.create()
        edge = edge_server(lambda: described, paths)
        await edge.start()
        ends.push_async_callback(edge.stop, STOP_SECONDS)
        operator = await _operator(url, shared)
        async with IdentityClient(url) as identity:
            person = await identity.register("person@example.com", secrets.token_urlsafe(18))
        yield Platform(url, cloud, operator, person.access_token)


def _service(module: str, folder: Path, variables: Mapping[str, str]) -> HttpServer:
    port = free_port()
    return HttpServer(
        module,
        [sys.executable, "-m", module],
        port=port,
        ready_path="/health/ready",
        log_path=folder / f"{module}.log",
        working_directory=PROJECT_ROOT,
        environment={**variables, "PORT": str(port)},
        start_seconds=START_SECONDS,
    )


def _create_backend(cloud: LocalCloudRun, variables: Mapping[str, str]) -> int:
    """Make the service as Terraform would; return the port of its network endpoint group."""
    image = LocalBuilder(PROJECT_ROOT, cloud.api).build("backend", force=False, report=print)
    probe = {"httpGet": {"path": "/health/startup"}, "periodSeconds": 1, "failureThreshold": 120}
    container = {
        "name": "backend",
        "image": image,
        "env": [{"name": name, "value": value} for name, value in variables.items()],
        "startupProbe": probe,
    }
    template = {
        "containers": [container],
        "timeout": "3600s",
        "maxInstanceRequestConcurrency": 500,
        "scaling": {"minInstanceCount": 1, "maxInstanceCount": 2},
    }
    target = find_target(environment="local", endpoint=cloud.api)
    target.cloud.create(SERVICE, {"template": template})
    group = httpx.get(f"{cloud.api}/local/v1/negs/{SERVICE}", timeout=START_SECONDS).json()
    return int(group["port"])


async def _operator(url: str, variables: Mapping[str, str]) -> dict[str, str]:
    """Make an operator's account; return the variables that name it."""
    email, password = "operator@example.com", secrets.token_urlsafe(18)
    async with IdentityClient(url) as identity:
        await identity.register(email, password)
    granting = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "auth_service.app.grant", email, "operator"),
        cwd=PROJECT_ROOT,
        env={**os.environ, **variables},
        stdout=asyncio.subprocess.DEVNULL,
    )
    async with asyncio.timeout(START_SECONDS):
        if await granting.wait():
            raise RuntimeError("the operator's role was not granted")
    return {EMAIL_VARIABLE: email, PASSWORD_VARIABLE: password}
