"""What can go wrong with threads.

::

    NotFound
    └── ThreadNotFound (404)    also for the thread of another user: the answer is the same
    Conflict
    ├── LastBranch (409)        the message has no other branch
    └── ThreadDeleted (409)     the caller's own thread, in the bin
    InvalidRequest
    └── CursorInvalid (400)
    RateLimited
    └── SearchBusy (429)        too many searches of the account at the same time
    Unavailable
    └── SearchTooSlow (503)     the search reached its deadline
"""

from typing import ClassVar

from netra_shared.errors import Conflict, InvalidRequest, NotFound, RateLimited, Unavailable


class ThreadNotFound(NotFound):
    """There is no such thread, or it belongs to another user."""

    code: ClassVar[str] = "thread_not_found"
    title: ClassVar[str] = "Thread not found"


class ThreadDeleted(Conflict):
    """The thread is in the bin; restore it first."""

    code: ClassVar[str] = "thread_deleted"
    title: ClassVar[str] = "Thread is deleted"


class LastBranch(Conflict):
    """The message has no sibling, so its branch is the only one."""

    code: ClassVar[str] = "last_branch"
    title: ClassVar[str] = "The only branch"


class CursorInvalid(InvalidRequest):
    """The cursor was not made by this listing."""

    code: ClassVar[str] = "cursor_invalid"
    title: ClassVar[str] = "Cursor refused"


class SearchBusy(RateLimited):
    """Too many searches of one account are running or waiting."""

    code: ClassVar[str] = "search_busy"
    title: ClassVar[str] = "Too many searches"


class SearchTooSlow(Unavailable):
    """The search reached its deadline; rarer words are faster."""

    code: ClassVar[str] = "search_too_slow"
    title: ClassVar[str] = "Search too slow"
