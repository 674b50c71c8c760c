"""Which failures of a client are an outage of Valkey."""

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import OutOfMemoryError

from netra_shared.errors import Unavailable
from netra_shared.stores.valkey_absence import valkey_needed


@pytest.mark.parametrize(
    "error",
    [RedisConnectionError("refused"), OutOfMemoryError("full"), TimeoutError(), OSError("reset")],
    ids=repr,
)
def test_an_outage_is_unavailable(error: Exception) -> None:
    with pytest.raises(Unavailable, match=type(error).__name__) as raised, valkey_needed():
        raise error
    assert raised.value.retry_after == 1.0


def test_a_defect_stays_what_it_is() -> None:
    with pytest.raises(KeyError), valkey_needed():
        raise KeyError("name")
