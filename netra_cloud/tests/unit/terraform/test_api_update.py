"""What is vendored comes from the pinned wheel and from no other."""

import json
import zipfile
from pathlib import Path

import pytest

from netra_cloud.terraform.api_extract import extract
from netra_cloud.terraform.api_facts import APIS
from netra_cloud.terraform.api_update import document, read_wheel
from netra_cloud.tests.unit.terraform.test_api_extract import SOURCE


def test_another_wheel_is_refused(tmp_path: Path) -> None:
    wheel = tmp_path / "google_cloud_compute-1.57.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("google/cloud/compute_v1/types/compute.py", SOURCE)
    with pytest.raises(ValueError, match="expected c96be18e"):
        read_wheel(wheel, APIS[0])


def test_the_document_has_its_origin_and_a_message_a_line() -> None:
    head, *lines = document(extract(SOURCE, ["UrlMap"]), APIS[0]).splitlines()
    assert json.loads(head)["origin"]["package"] == "google-cloud-compute"
    assert [json.loads(line)[0] for line in lines] == ["Inner", "UrlMap"]
