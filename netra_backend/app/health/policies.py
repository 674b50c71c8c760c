"""The backend's readiness checks: budget and criticality of each, by environment."""

from netra_shared.health.check import FailureScope
from netra_shared.health.policy import IN_PROCESS, CheckPolicy, network_budget, store_policies
from netra_shared.settings import Environment


def backend_policies(environment: Environment) -> dict[str, CheckPolicy]:
    """Return the policy of every check of the backend, by name.

    - ``token_keys`` is critical on Google Cloud only: without keys nobody can open a socket, and
      a revision that was given the wrong address must not be admitted. On a laptop the identity
      service may start later.
    - ``agent_runtime`` is this instance's own, so its failure makes this instance unready.
    - ``stream_subscription`` falls with Redis, which is not critical, so neither is it.
    """
    return store_policies(environment) | {
        "token_keys": CheckPolicy(
            network_budget(environment),
            is_critical=environment.is_gcp,
            description="Keys of the identity service: every socket's token is verified with them",
        ),
        "agent_runtime": CheckPolicy(
            IN_PROCESS,
            is_critical=True,
            description="The process of this instance that executes agent runs",
            scope=FailureScope.INSTANCE,
        ),
        "stream_subscription": CheckPolicy(
            IN_PROCESS,
            is_critical=False,
            description="This process's subscription to the threads' live events",
            scope=FailureScope.INSTANCE,
        ),
    }
