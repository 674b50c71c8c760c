from pathlib import Path

import httpx
import pytest

from netra_cloud.run.process import RunOptions, local_cloud_run
from netra_ops.deploy.cloud.connection import connect
from netra_ops.deploy.cloud.secret_versions import secret_versions
from netra_ops.deploy.cloud.services import CloudRun
from netra_ops.deploy.errors import CloudRefused
from netra_ops.deploy.plan.secrets import SecretVersion
from netra_ops.services.loopback import LOOPBACK, free_port


def test_versions_are_read_newest_first_and_an_unknown_secret_has_none(tmp_path: Path) -> None:
    with local_cloud_run(RunOptions(tmp_path)) as process:
        local = f"{process.api}/local/v1/secrets/key"
        for value in ("first", "second"):
            httpx.put(local, json={"value": value}).raise_for_status()
        httpx.post(f"{local}/versions/1:disable").raise_for_status()
        cloud = CloudRun(connect(process.api), "p", "us-central1")

        assert secret_versions(cloud, "key") == [
            SecretVersion(2, "ENABLED"),
            SecretVersion(1, "DISABLED"),
        ]
        assert secret_versions(cloud, "projects/p/secrets/absent") == []


def test_without_an_answer_the_plan_is_refused() -> None:
    cloud = CloudRun(connect(f"http://{LOOPBACK}:{free_port()}"), "p", "us-central1")

    with pytest.raises(CloudRefused, match="versions of projects/p/secrets/key cannot be read"):
        secret_versions(cloud, "key")
