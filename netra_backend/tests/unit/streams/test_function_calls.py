"""A call reaches a store that has lost its libraries; other errors are not repeated."""

import pytest
from redis.exceptions import ResponseError

from netra_backend.app.streams.function_calls import call_function, unavailable
from netra_backend.tests.unit.websocket_core.harness.instance import valkey_client

LIBRARY = """#!lua name=netra_test_calls
redis.register_function('netra_test_echo', function(keys, args) return args[1] end)
redis.register_function('netra_test_fail', function() return redis.error_reply('EPOCH') end)
"""


async def test_a_lost_library_is_loaded_and_the_call_repeated(valkey_url: str) -> None:
    client = valkey_client(valkey_url)
    for _ in range(2):
        await client.function_flush()
        reply = await call_function(client, LIBRARY, "netra_test_echo", ["{a}"], ["word"])
        assert reply == b"word"
    await client.aclose()


async def test_an_error_of_the_function_is_raised(valkey_url: str) -> None:
    client = valkey_client(valkey_url)
    with pytest.raises(ResponseError, match="EPOCH"):
        await call_function(client, LIBRARY, "netra_test_fail", ["{a}"], [])
    await client.aclose()


def test_an_unavailable_store_names_the_kind_of_error() -> None:
    error = unavailable(TimeoutError())
    assert "TimeoutError" in str(error)
    assert error.retry_after == 1.0
