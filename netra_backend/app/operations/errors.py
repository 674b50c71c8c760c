"""Errors of the operations room."""

from netra_shared.errors import Unavailable


class TooManyWatchers(Unavailable):
    """The instance has ``max_watchers`` watchers."""

    code = "too_many_watchers"
    title = "Too many watchers on this instance"
