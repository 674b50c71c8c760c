"""Bounds of the image proxy."""

import pytest
from pydantic import ValidationError

from netra_backend.app.images.settings import ImageSettings


def test_no_private_host_is_permitted_by_default() -> None:
    assert ImageSettings().private_hosts == frozenset()


@pytest.mark.parametrize("name", ["max_bytes", "fetch_seconds", "concurrent"])
def test_no_bound_can_be_switched_off(name: str) -> None:
    with pytest.raises(ValidationError):
        ImageSettings.model_validate({name: 0})
