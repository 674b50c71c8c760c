"""What a deploy can fail with. Exit statuses are those of every ``netra`` command."""

from netra_ops.errors import OperatorError
from netra_shared.errors import RetryClass


class DeployFailed(OperatorError):
    """A step failed; traffic is back on the last verified release."""

    code = "deploy_failed"
    title = "Deploy failed"


class DeployRefused(OperatorError):
    """The plan has a problem that a deploy would turn into an outage; nothing was changed."""

    code = "deploy_refused"
    title = "Deploy refused"


class DeployLocked(OperatorError):
    """Another deploy of this environment is in progress."""

    code = "deploy_locked"
    title = "Deploy in progress"
    retry = RetryClass.BACKOFF


class LockLost(OperatorError):
    """The lock was broken while this deploy worked."""

    code = "deploy_lock_lost"
    title = "Deploy lock lost"


class CloudRefused(OperatorError):
    """The Cloud Run API refused a call."""

    code = "cloud_run_refused"
    title = "Cloud Run refused the call"


class CheckFailed(OperatorError):
    """A check of the candidate failed; says what was expected and what was seen."""

    code = "deploy_check_failed"
    title = "Check failed"
