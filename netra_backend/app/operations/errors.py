"""Errors of the operations room."""

from netra_shared.errors import Unavailable


class TooManyWatchers(Unavailable):
    """The instance feeds as many operators as it may."""

    code = "too_many_watchers"
    title = "Too many operators watch here"
