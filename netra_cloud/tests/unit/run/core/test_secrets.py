"""Which version an instance gets."""

import pytest

from netra_cloud.run.core.secrets import SecretUnreadable, SecretVersion, access

VERSIONS = [SecretVersion("one"), SecretVersion("two")]


@pytest.mark.parametrize(("wanted", "value"), [("latest", "two"), ("1", "one"), ("2", "two")])
def test_a_number_or_the_newest(wanted: str, value: str) -> None:
    assert access("key", VERSIONS, wanted) == value


def test_latest_does_not_fall_back_when_the_newest_is_disabled() -> None:
    disabled = [SecretVersion("one"), SecretVersion("two", enabled=False)]
    with pytest.raises(SecretUnreadable, match="versions/2 is in DISABLED state"):
        access("key", disabled, "latest")
    assert access("key", disabled, "1") == "one"


@pytest.mark.parametrize("wanted", ["3", "0", "newest", "latest"])
def test_what_does_not_exist(wanted: str) -> None:
    with pytest.raises(SecretUnreadable, match="was not found"):
        access("key", VERSIONS if wanted != "latest" else [], wanted)
