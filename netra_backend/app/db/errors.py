"""Failures of the database as members of the error tree.

::

    Unavailable
    └── DatabaseUnavailable (503)
"""

from typing import ClassVar

from netra_shared.errors import Unavailable


class DatabaseUnavailable(Unavailable):
    """PostgreSQL refused, did not answer in time, or ended the session."""

    code: ClassVar[str] = "database_unavailable"
    title: ClassVar[str] = "The database is not available"
