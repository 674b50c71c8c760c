"""Names of resources."""

import pytest

from netra_cloud.run.core.errors import InvalidArgument
from netra_cloud.run.core.names import Parent, check_service_id, parent_of, service_of, short


def test_names_are_taken_apart_and_put_together() -> None:
    parent = Parent("p", "us-central1")
    revision = f"{parent.service('web')}/revisions/web-1"
    assert (service_of(revision), short(revision)) == (parent.service("web"), "web-1")
    assert parent_of(revision) == parent
    assert parent.operation("x") == "projects/p/locations/us-central1/operations/x"
    with pytest.raises(InvalidArgument):
        parent_of("services/web")


@pytest.mark.parametrize("name", ["a", "web", "a-b-1", "a" * 49])
def test_good_service_names(name: str) -> None:
    check_service_id(name)
    assert Parent("p", "l").service(name).endswith(f"/{name}")


@pytest.mark.parametrize("name", ["", "1a", "Web", "a-", "a_b", "a" * 50])
def test_bad_service_names(name: str) -> None:
    with pytest.raises(InvalidArgument):
        check_service_id(name)
