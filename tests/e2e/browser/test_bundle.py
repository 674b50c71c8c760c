"""The guide's bundle check, on the bundle that the edge really serves."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from netra_ops.environments.access import sign_in
from netra_ops.environments.loader import EnvironmentName, load_environment
from netra_ops.frontend.server import frontend_server
from netra_ops.services.http_server import HttpServer
from netra_ops.services.loopback import free_port
from netra_ops.stack.paths import project_root
from netra_ops.validate.bundle_probe import BundleProbe
from test_framework.platform.stack import Stack

SCRIPT = project_root() / "scripts" / "verify_frontend_bundle.py"
SECONDS = 120


def verify(stack: Stack, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, SCRIPT, "--environment", "local", "--url", stack.url, *arguments],
        cwd=project_root(), capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip


def test_what_is_served_is_this_checkout_and_the_backend_takes_it(
    stack: Stack, browser: object
) -> None:
    assert browser is not None  # the platform then has its pages
    done = verify(stack, "--digest", "sources", "--json")
    report = json.loads(done.stdout)
    assert done.returncode == 0, done.stdout
    names = [step["name"] for step in report["steps"]]
    assert names == ["page", "version", "chunks", "handshake", "backend"]
    built = list((project_root() / "frontend" / "out" / "_next" / "static").rglob("*.js"))
    manifests = [
        file for file in built if "Manifest" in file.name
    ]  # Next's own, for no browser here
    assert report["steps"][2]["detail"].startswith(f"{len(built) - len(manifests)} chunks")
    assert "jwt-auth and netra-ws-protocol/" in report["steps"][3]["detail"]


def test_another_build_than_expected_fails(stack: Stack, browser: object) -> None:
    assert browser is not None
    done = verify(stack, "--digest", "ffff")
    assert done.returncode == 1
    assert "ffff is expected" in done.stdout


Change = Callable[[Path], None]


def without_mark(site: Path) -> None:
    for chunk in site.rglob("*.js"):
        chunk.write_text(re.sub(r"netra-ws-protocol/\d+", "gone", chunk.read_text()))


def of_another_version(site: Path) -> None:
    for chunk in site.rglob("*.js"):
        chunk.write_text(re.sub(r"netra-ws-protocol/\d+", "netra-ws-protocol/9", chunk.read_text()))
    document = json.loads((site / "version.json").read_text())
    (site / "version.json").write_text(json.dumps(document | {"protocolVersion": 9}))


def scripts(page: Path) -> set[str]:
    return set(re.findall(r"_next/static/chunks/[\w~-]+\.js", page.read_text()))


def half_deployed(site: Path) -> None:
    (site / min(scripts(site / "index.html"))).unlink()


def without_operations(site: Path) -> None:
    (site / min(scripts(site / "ops.html") - scripts(site / "index.html"))).unlink()


@pytest.fixture
async def doctored(
    request: pytest.FixtureRequest, tmp_path: Path, stack: Stack, browser: object
) -> AsyncIterator[HttpServer]:
    """The built site after a change, served by the real server on a port of its own."""
    assert stack.port
    assert browser is not None
    folder = tmp_path / "frontend"
    built = project_root() / "frontend"
    shutil.copytree(built / "out", folder / "out", ignore=shutil.ignore_patterns("*.br", "*.gz"))
    shutil.copytree(built / "server", folder / "server")
    request.param(folder / "out")
    server = frontend_server(folder, free_port(), tmp_path / "server.log")
    await server.start()
    yield server
    await server.stop(1.0)


@pytest.mark.parametrize(
    ("doctored", "step"),
    [
        pytest.param(without_mark, "handshake", id="no-mark"),
        pytest.param(of_another_version, "backend", id="other-version"),
        pytest.param(half_deployed, "chunks", id="half-deployed"),
        pytest.param(without_operations, "chunks", id="another-page-half-deployed"),
    ],
    indirect=["doctored"],
)
async def test_a_bundle_that_would_not_work_fails_at_its_step(
    doctored: HttpServer, stack: Stack, step: str
) -> None:
    url = f"http://127.0.0.1:{doctored.port}"
    probe = BundleProbe(
        frontend_url=url,
        backend_url=stack.url,
        origin=stack.url,
        sign_in=lambda: sign_in(
            stack.url, load_environment(EnvironmentName.LOCAL), purpose="bundle-test"
        ),
    )
    assert not await probe.run()
    assert [one.name for one in probe.steps if not one.passed] == [step], probe.steps
