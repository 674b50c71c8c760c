"""The shape of a scenario; a team's own is a subclass, named as ``module:Class``."""

from abc import ABC, abstractmethod
from typing import ClassVar

from netra_client.errors import NetraClientError
from netra_ops.load.user import User


class ExpectationFailed(NetraClientError):
    """The platform answered, but not with what the scenario demands."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message, code=code)


class Scenario(ABC):
    """What each user does.

    Attributes:
        interval: seconds between the operations of one user.
        together: all users operate in the same moment.
        needs_client: users hold a connected ``NetraClient``.
        deadline: seconds from the start of one operation to its failure.
    """

    interval: ClassVar[float] = 1.0
    together: ClassVar[bool] = False
    needs_client: ClassVar[bool] = True
    deadline: ClassVar[float] = 60.0

    async def prepare(self, user: User) -> None:  # noqa: B027  most scenarios need nothing
        """Do what a user needs once, before its first operation."""

    @abstractmethod
    async def operate(self, user: User) -> None:
        """Perform one operation; ``user.mark`` records its steps.

        Raises:
            NetraClientError: the operation failed.
        """
