import os
import subprocess
import sys

from netra_ops.deploy.cloud.connection import connect


def test_an_endpoint_needs_no_credentials() -> None:
    connection = connect("http://127.0.0.1:8085/")

    assert connection.endpoint == "http://127.0.0.1:8085"


def test_google_without_credentials_names_the_remedy_and_exits_with_3() -> None:
    nowhere = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "NO_GCE_CHECK": "true"}

    done = subprocess.run(
        [sys.executable, "scripts/deploy_to_gcp.py", "--project", "netra-staging", "--status"],
        env=nowhere,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.returncode == 3
    assert "gcloud auth application-default login" in done.stderr
