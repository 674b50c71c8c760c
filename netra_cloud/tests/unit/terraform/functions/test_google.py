"""The provider's functions on the examples of its documentation."""

import pytest

from netra_cloud.terraform.conversion import Failed
from netra_cloud.terraform.functions.google import GOOGLE

# The "Example Usage" of each function in the provider's documentation.
ID = "https://www.googleapis.com/compute/v1/projects/my-project/regions/us-central1/subnetworks/s"


@pytest.mark.parametrize(
    ("name", "argument", "result"),
    [
        ("region_from_id", ID, "us-central1"),
        ("project_from_id", ID, "my-project"),
        ("name_from_id", ID, "s"),
        ("name_from_id", "projects/my-project/zones/us-central1-c/instances/vm", "vm"),
        ("zone_from_id", "projects/my-project/zones/us-central1-c/instances/vm", "us-central1-c"),
        ("location_from_id", "projects/p/locations/europe-west1/services/app", "europe-west1"),
        ("region_from_zone", "us-central1-c", "us-central1"),
        ("region_from_zone", "northamerica-northeast1-a", "northamerica-northeast1"),
    ],
)
@pytest.mark.parametrize("provider", ["google", "google-beta"])
def test_a_part_of_an_id(provider: str, name: str, argument: str, result: str) -> None:
    assert GOOGLE[f"provider::{provider}::{name}"](argument) == result


@pytest.mark.parametrize(
    ("name", "argument"),
    [
        ("region_from_id", "projects/p/zones/us-central1-c"),
        ("project_from_id", "nothing"),
        ("name_from_id", "nothing"),
        ("region_from_zone", "us-central1"),
    ],
)
def test_what_has_no_such_part_is_refused(name: str, argument: str) -> None:
    with pytest.raises(Failed):
        GOOGLE[f"provider::google::{name}"](argument)
