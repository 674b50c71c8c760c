"""What the operator's tools can fail with: each error says what happened, the remedy, the exit.

Exit statuses of every ``netra`` command (``netra --help`` prints the same table):

0 done · 1 failed · 2 wrong usage · 3 something needed is absent · 4 not running ·
5 a port is taken · 6 a directory or the disk refuses · 78 configuration refused · 130 interrupted
"""

from typing import ClassVar

from netra_shared.errors import JsonScalar, NetraError, RetryClass


class OperatorError(NetraError):
    """A command cannot continue.

    Args:
        detail: one line, what happened.
        remedy: one line, what the operator can do about it.
        fields: machine-readable facts for ``--json``.
    """

    code = "operation_failed"
    title = "Operation failed"
    exit_code: ClassVar[int] = 1

    def __init__(self, detail: str = "", *, remedy: str = "", **fields: JsonScalar) -> None:
        super().__init__(detail, retry_after=None, **fields)
        self.remedy = remedy


class SomethingAbsent(OperatorError):
    """A program, package, account or file that the command needs does not exist here."""

    code = "something_absent"
    title = "Something needed is absent"
    exit_code = 3


class NotRunning(OperatorError):
    """The local stack is not running."""

    code = "not_running"
    title = "The local stack is not running"
    exit_code = 4


class PortTaken(OperatorError):
    """Another process listens on the port."""

    code = "port_taken"
    title = "Port taken"
    exit_code = 5


class StorageRefused(OperatorError):
    """A directory cannot be written, or the disk is full."""

    code = "storage_refused"
    title = "Storage refused"
    exit_code = 6


class ServerStartFailed(OperatorError):
    """A server ended, or was not ready before its deadline; ``log_tail`` is the end of its log.

    Args:
        detail: which server and how it ended.
        log_tail: the last lines that the server wrote.
        remedy: what the operator can do.
    """

    code = "server_start_failed"
    title = "Server did not start"
    retry = RetryClass.BACKOFF

    def __init__(self, detail: str = "", *, log_tail: str = "", remedy: str = "") -> None:
        super().__init__(detail, remedy=remedy)
        self.log_tail = log_tail


class ConfigurationRefused(ServerStartFailed):
    """A service read its settings and refused them; ``log_tail`` lists every problem."""

    code = "configuration_refused"
    title = "Configuration refused"
    exit_code = 78  # EX_CONFIG of sysexits.h, which the services exit with
    retry = RetryClass.NEVER


class SecretLost(OperatorError):
    """Data is there, and the generated secret that opens it is not."""

    code = "secret_lost"
    title = "Secret lost"


class DataInUse(OperatorError):
    """A living server already works on this data directory."""

    code = "data_in_use"
    title = "Data directory in use"
