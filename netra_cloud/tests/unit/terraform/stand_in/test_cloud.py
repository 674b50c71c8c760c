"""The file that an apply leaves, when more than one process writes it."""

from pathlib import Path

import pytest

from netra_cloud.compute.api import ComputeRefusal
from netra_cloud.terraform.stand_in.cloud import CloudFile


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
    with pytest.raises(ComputeRefusal), cloud.changing():
        cloud.compute.insert(
            "targetHttpProxies", {"name": "t", "urlMap": "projects/p/global/urlMaps/x"}
        )
    assert not (tmp_path / "cloud.json").exists()
