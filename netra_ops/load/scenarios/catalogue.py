"""The scenarios by name, and those that a team brings itself."""

import importlib
from collections.abc import Callable

from netra_ops.errors import OperatorError
from netra_ops.load.scenarios.base import Scenario
from netra_ops.load.scenarios.connection import Idle, ReconnectStorm, TokenRefresh
from netra_ops.load.scenarios.conversation import Chat, FanOut, SlowReader

SCENARIOS: dict[str, type[Scenario]] = {
    "idle": Idle,
    "chat": Chat,
    "fan-out": FanOut,
    "reconnect-storm": ReconnectStorm,
    "slow-reader": SlowReader,
    "token-refresh": TokenRefresh,
}
MIXED = "mixed"
# Of ten users: what a platform of people looks like, most of whom read.
MIXTURE = (
    "idle", "chat", "idle", "chat", "idle", "slow-reader", "idle", "chat", "token-refresh", "idle",
)  # fmt: skip
NAMES = (*SCENARIOS, MIXED)

ScenarioOf = Callable[[int], Scenario]


class UnknownScenario(OperatorError):
    """There is no such scenario."""

    code = "unknown_scenario"
    title = "Unknown scenario"
    exit_code = 2


def scenario_of(name: str) -> ScenarioOf:
    """Return a function from a user's number to its scenario.

    Args:
        name: one of ``NAMES``, or ``module:Class`` of a subclass of ``Scenario``.

    Raises:
        UnknownScenario: there is none of that name.
    """
    if name == MIXED:
        return lambda number: SCENARIOS[MIXTURE[number % len(MIXTURE)]]()
    found = SCENARIOS.get(name) or _own(name)
    return lambda _number: found()


def _own(name: str) -> type[Scenario]:
    module, _, attribute = name.partition(":")
    try:
        found = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise UnknownScenario(
            f"there is no scenario {name!r}: {error}",
            remedy=f"give one of {', '.join(NAMES)}, or module:Class",
        ) from None
    if not (isinstance(found, type) and issubclass(found, Scenario)):
        raise UnknownScenario(
            f"{name} is no scenario", remedy="derive it from netra_ops.load.scenarios.base.Scenario"
        )
    return found
