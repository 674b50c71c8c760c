"""The backend's readiness checks: budget and criticality of each, by environment."""

from netra_shared.health.check import FailureScope
from netra_shared.health.policy import IN_PROCESS, CheckPolicy, network_budget, store_policies
from netra_shared.settings import Environment


def backend_policies(environment: Environment) -> dict[str, CheckPolicy]:
    """Return the policy of every check of the backend, by name.

    - ``token_keys`` is critical on Google Cloud only: without keys no client can open a
      connection, and a revision with a wrong address must not be admitted. On a laptop the
      identity service may start later.
    - ``agent_runtime`` has scope instance, so its failure makes this instance unready.
    - ``stream_subscription`` depends on Redis, which is not critical, so it is not critical.
    """
    return store_policies(environment) | {
        "token_keys": CheckPolicy(
            network_budget(environment),
            is_critical=environment.is_gcp,
            description="Keys of the identity service, which verify the token of each connection",
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
