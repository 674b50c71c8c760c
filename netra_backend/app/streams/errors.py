"""Errors of the event streams."""

from netra_shared.errors import InvalidRequest, Unavailable


class StreamUnavailable(Unavailable):
    """The stream store does not answer, or the outage buffer is full."""

    code = "stream_unavailable"
    title = "Event stream unavailable"


class EventTooLarge(InvalidRequest):
    """An event exceeds ``max_event_bytes``; it would delay every reader."""

    code = "event_too_large"
    title = "Event too large"
