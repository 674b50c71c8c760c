import pytest
from pydantic import ValidationError

from netra_backend.app.websocket_core.limits import SocketLimits


def test_every_bound_says_what_it_is_for() -> None:
    for name, field in SocketLimits.model_fields.items():
        assert field.description, name
        assert field.default is not None, name


def test_the_defaults_fit_cloud_run() -> None:
    limits = SocketLimits()
    assert limits.max_age_seconds <= 3600 - 300
    assert limits.drain_seconds < 8


@pytest.mark.parametrize(
    "wrong",
    [
        {"max_message_bytes": 100_000},
        {"drain_notice_seconds": 5, "drain_spread_seconds": 2},
        {"max_age_seconds": 60},
        {"idle_seconds": 0},
        {"unheard_of": 1},
    ],
)
def test_bounds_that_contradict_each_other_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        SocketLimits.model_validate(wrong)
