"""What a run has seen, and its account."""

import asyncio

import pytest

from netra_client.token_source import FixedToken, TokenSource
from netra_ops.measure.outcome import Outcome
from netra_ops.measure.probe import ProbeResult
from netra_ops.validate.target import RunRecord, SharedTokens


async def test_all_rows_share_one_sign_in() -> None:
    opened = 0

    async def open_account() -> TokenSource:
        nonlocal opened
        opened += 1
        return FixedToken("t1")

    tokens = SharedTokens(open_account)
    assert await asyncio.gather(*(tokens.token() for _ in range(5))) == ["t1"] * 5
    assert opened == 1


async def test_all_rows_get_the_error_of_one_failed_sign_in() -> None:
    attempts = 0

    async def refuse() -> TokenSource:
        nonlocal attempts
        attempts += 1
        raise ValueError("refused")

    tokens = SharedTokens(refuse)
    for _ in range(3):
        with pytest.raises(ValueError, match="refused"):
            await tokens.token()
    assert attempts == 1


def test_connections_are_counted_by_second_and_close_code() -> None:
    record = RunRecord()
    record.note(ProbeResult(at=7.2, outcome=Outcome.OK, close_code=1000))
    record.note(ProbeResult(at=7.9, outcome=Outcome.CLOSED, close_code=1011))
    record.note(ProbeResult(at=8.0, outcome=Outcome.NETWORK))
    assert record.probes == {7: (1, 1), 8: (0, 1)}
    assert record.closes == {1000: 1, 1011: 1}
