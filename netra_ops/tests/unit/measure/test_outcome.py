"""A refusal, a network failure and a slow server are three things."""

import pytest

from netra_client.codes import RetryClass
from netra_client.errors import (
    CommandRejected,
    ConnectionLost,
    DeadlinePassed,
    HandshakeRefused,
    NetraClientError,
    ProtocolViolation,
    SocketClosed,
)
from netra_ops.measure.outcome import Outcome, outcome_of

REFUSED = HandshakeRefused(401, "no", code="token_expired", retry=RetryClass.AFTER_REFRESH)
REJECTED = CommandRejected(-32006, "slow down", code="rate_limited", retry=RetryClass.BACKOFF)


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (None, Outcome.OK),
        (REFUSED, Outcome.REFUSED),
        (SocketClosed(4401, "token_expired"), Outcome.REFUSED),
        (SocketClosed(4503, "draining"), Outcome.REFUSED),
        (SocketClosed(1012, ""), Outcome.CLOSED),
        (SocketClosed(1006, ""), Outcome.NETWORK),
        (ConnectionLost("reset"), Outcome.NETWORK),
        (DeadlinePassed("connect", 10), Outcome.SLOW),
        (ProtocolViolation("no"), Outcome.PROTOCOL),
        (REJECTED, Outcome.REJECTED),
    ],
)
def test_the_kind_of_an_end(error: NetraClientError | None, outcome: Outcome) -> None:
    assert outcome_of(error) is outcome
