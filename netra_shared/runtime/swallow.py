"""Swallows exceptions, logged and counted; the only place that may."""

from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from prometheus_client import Counter

SWALLOWED = Counter(
    "swallowed_exceptions_total",
    "Exceptions that were deliberately not propagated, by reason.",
    ["reason"],
)
SWALLOWED.labels("")  # the counter exists with 0 before the first exception


@contextmanager
def swallowed(
    logger: structlog.stdlib.BoundLogger, reason: str, *exceptions: type[Exception]
) -> Iterator[None]:
    """Swallow ``exceptions`` (default: ``Exception``) raised in the block.

    Args:
        logger: writes one warning with the exception's type and text.
        reason: snake_case, a label of ``swallowed_exceptions_total``; keep the set small.
        exceptions: the types to swallow. ``CancelledError`` is not an ``Exception`` and always
        propagates.
    """
    expected = exceptions or (Exception,)
    try:
        yield
    except expected as error:
        SWALLOWED.labels(reason).inc()
        logger.warning(
            "exception swallowed", reason=reason, error_type=type(error).__name__, error=str(error)
        )
