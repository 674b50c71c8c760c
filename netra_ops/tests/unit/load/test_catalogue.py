"""Scenarios by name, and a team's own."""

from typing import ClassVar

import pytest

from netra_ops.load.scenarios.base import Scenario
from netra_ops.load.scenarios.catalogue import MIXTURE, NAMES, UnknownScenario, scenario_of
from netra_ops.load.user import User


class Own(Scenario):
    """A scenario of a team."""

    interval: ClassVar[float] = 0.05

    async def operate(self, user: User) -> None:
        """Ping twice."""
        await user.connected.ping()
        await user.connected.ping()
        user.mark("twice")


@pytest.mark.parametrize("name", NAMES)
def test_every_name_makes_scenarios(name: str) -> None:
    make = scenario_of(name)
    assert all(isinstance(make(number), Scenario) for number in range(len(MIXTURE)))


def test_a_class_is_found_by_its_place() -> None:
    assert isinstance(scenario_of(f"{__name__}:Own")(0), Own)


@pytest.mark.parametrize(
    "name", ["nothing", "", "no.such.module:Class", "json:JSONDecoder", f"{__name__}:Absent"]
)
def test_what_is_no_scenario_is_wrong_usage(name: str) -> None:
    with pytest.raises(UnknownScenario) as caught:
        scenario_of(name)
    assert caught.value.remedy
