"""What can go wrong between the two processes of an instance."""

from typing import ClassVar

from netra_shared.errors import DeadlineExceeded, InternalError, Unavailable


class ChannelClosed(Unavailable):
    """The other process of the instance is gone; whether it did what was asked is not known."""

    code: ClassVar[str] = "channel_closed"
    title: ClassVar[str] = "The other process of the instance is gone"


class ChannelTimeout(DeadlineExceeded):
    """The other process of the instance did not answer in time; it may yet do what was asked."""

    code: ClassVar[str] = "channel_timeout"
    title: ClassVar[str] = "The other process of the instance did not answer in time"


class FrameTooLarge(InternalError):
    """A message between the processes of an instance exceeds its bound."""

    code: ClassVar[str] = "channel_frame_too_large"
    title: ClassVar[str] = "Message between processes too large"


class UnknownCall(InternalError):
    """One process asked the other for something that it does not do."""

    code: ClassVar[str] = "channel_unknown_call"
    title: ClassVar[str] = "Unknown call between processes"
