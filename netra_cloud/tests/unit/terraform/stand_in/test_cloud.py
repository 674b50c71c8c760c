"""The file that an apply leaves, when more than one process writes it."""

from pathlib import Path

import pytest

from netra_cloud.compute.api import ComputeRefusal
from netra_cloud.terraform.stand_in.cloud import CloudFile

SERVICE = "projects/p/global/backendServices/s"


def test_two_writers_lose_nothing_of_each_other(tmp_path: Path) -> None:
    first, second = (CloudFile(tmp_path / "cloud.json", "p") for _ in range(2))
    for number in range(3):
        for name, cloud in (("a", first), ("b", second)):
            with cloud.changing():
                cloud.compute.insert("addresses", {"name": f"{name}-{number}"})
    names = [
        body["name"]
        for body in CloudFile(tmp_path / "cloud.json", "p").compute.objects.all("addresses")
    ]
    assert names == ["a-0", "a-1", "a-2", "b-0", "b-1", "b-2"]


def test_a_refused_change_writes_nothing(tmp_path: Path) -> None:
    cloud = CloudFile(tmp_path / "cloud.json", "p")
    test = {"host": "h", "path": "/", "service": "projects/p/global/backendServices/other"}
    body = {"name": "m", "defaultService": SERVICE, "tests": [test]}
    with pytest.raises(ComputeRefusal), cloud.changing():
        cloud.compute.insert("urlMaps", body)
    assert not (tmp_path / "cloud.json").exists()


def test_a_link_to_another_stack_is_accepted_and_named(tmp_path: Path) -> None:
    cloud = CloudFile(tmp_path / "cloud.json", "p")
    body = {"name": "m", "defaultService": SERVICE}
    with cloud.changing():
        cloud.compute.insert("urlMaps", body)
    assert cloud.compute.unproven("urlMaps", body) == [f"{SERVICE} is not part of this stack"]
