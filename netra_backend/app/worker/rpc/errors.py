"""Errors of the RPC between the two processes of an instance."""

from typing import ClassVar

from netra_shared.errors import DeadlineExceeded, InternalError, Unavailable


class ChannelClosed(Unavailable):
    """The other process of the instance has ended; the call may or may not have taken effect."""

    code: ClassVar[str] = "channel_closed"
    title: ClassVar[str] = "The other process of the instance has ended"


class ChannelTimeout(DeadlineExceeded):
    """The other process of the instance did not answer in time; the call may take effect later."""

    code: ClassVar[str] = "channel_timeout"
    title: ClassVar[str] = "The other process of the instance did not answer in time"


class FrameTooLarge(InternalError):
    """A message between the processes of an instance exceeds its bound."""

    code: ClassVar[str] = "channel_frame_too_large"
    title: ClassVar[str] = "Message between processes too large"


class UnknownCall(InternalError):
    """The other process has no such method."""

    code: ClassVar[str] = "channel_unknown_call"
    title: ClassVar[str] = "Unknown method between processes"
