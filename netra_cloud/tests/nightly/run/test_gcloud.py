"""The real gcloud against the emulator, where it is installed."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from netra_cloud.tests.integration.run.harness import Cloud

GCLOUD = shutil.which("gcloud")
pytestmark = pytest.mark.skipif(
    GCLOUD is None, reason="needs gcloud on PATH, which no package registry carries"
)
DEADLINE = 120.0  # gcloud takes two seconds to start on a quiet machine
Gcloud = Callable[..., Any]


@pytest.fixture
def gcloud(cloud: Cloud, tmp_path: Path) -> Gcloud:
    address = urlsplit(cloud.process.api)
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("CLOUDSDK")},
        "CLOUDSDK_CONFIG": str(tmp_path),
        "CLOUDSDK_CORE_PROJECT": "local",
        "CLOUDSDK_AUTH_DISABLE_CREDENTIALS": "true",
        "CLOUDSDK_CORE_DISABLE_USAGE_REPORTING": "true",
        "CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK": "true",
        "CLOUDSDK_CORE_DISABLE_PROMPTS": "1",
        "CLOUDSDK_API_ENDPOINT_OVERRIDES_RUN": "http://run.googleapis.com/",
        "CLOUDSDK_API_ENDPOINT_OVERRIDES_SERVICEUSAGE": "http://serviceusage.googleapis.com/",
        "CLOUDSDK_API_ENDPOINT_OVERRIDES_LOGGING": "http://logging.googleapis.com/",
        "CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDRESOURCEMANAGER": (
            "http://cloudresourcemanager.googleapis.com/"
        ),
        "CLOUDSDK_PROXY_TYPE": "http_no_tunnel",
        "CLOUDSDK_PROXY_ADDRESS": str(address.hostname),
        "CLOUDSDK_PROXY_PORT": str(address.port),
    }

    def run(*arguments: str, text: bool = False) -> Any:
        form = [] if text else ["--format=json"]
        done = subprocess.run(
            [str(GCLOUD), *arguments, *form],
            env=environment,
            capture_output=True,
            text=True,
            timeout=DEADLINE,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip() if text else json.loads(done.stdout or "null")

    return run


def test_the_life_of_a_service_in_gcloud(gcloud: Gcloud, cloud: Cloud, tmp_path: Path) -> None:
    region = ("--region", "us-central1")
    deployed = gcloud(
        "run", "deploy", "shop", "--image", cloud.image, "--allow-unauthenticated",
        "--set-env-vars=COLOUR=red", "--timeout=60", *region,
    )  # fmt: skip
    first = deployed["status"]["latestReadyRevisionName"]
    gcloud(
        "run", "deploy", "shop", "--image", cloud.image, "--set-env-vars=COLOUR=blue",
        "--no-traffic", "--tag=candidate", *region,
    )  # fmt: skip
    assert cloud.served_by("shop", 3) == [first] * 3
    named = gcloud(
        "run", "services", "describe", "shop", *region,
        "--format=value(status.latestCreatedRevisionName)", text=True,
    )  # fmt: skip
    assert named != first
    assert cloud.served_by("candidate---shop") == [named]
    gcloud("run", "services", "update-traffic", "shop", f"--to-revisions={named}=100", *region)
    assert cloud.served_by("shop", 3) == [named] * 3
    listed = gcloud("run", "revisions", "list", "--service=shop", *region)
    assert {one["metadata"]["name"] for one in listed} == {first, named}
    gcloud("run", "revisions", "delete", first, "--quiet", *region, text=True)
    assert [one["metadata"]["name"] for one in gcloud("run", "services", "list", *region)] == [
        "shop"
    ]
    exported = gcloud("run", "services", "describe", "shop", *region, "--format=export", text=True)
    manifest = tmp_path / "service.yaml"
    manifest.write_text(exported)
    gcloud("run", "services", "replace", str(manifest), *region)
    gcloud("run", "services", "update-traffic", "shop", "--to-latest", *region)
    entries = gcloud(
        "logging", "read",
        'resource.type="cloud_run_revision" AND resource.labels.service_name="shop" '
        "AND severity>=WARNING", "--limit=5",
    )  # fmt: skip
    assert entries[0]["textPayload"] == "the app starts"
    shown = gcloud("run", "services", "logs", "read", "shop", *region, text=True)
    assert "the app starts" in shown
    gcloud("run", "services", "delete", "shop", "--quiet", *region, text=True)
    assert cloud.get("shop").status_code == 404
