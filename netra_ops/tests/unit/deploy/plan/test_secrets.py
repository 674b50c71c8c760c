from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from netra_ops.deploy.plan.secrets import (
    Pin,
    SecretVersion,
    following_latest,
    pin_secrets,
    with_numbers,
)


def template(version: str) -> dict[str, Any]:
    reference = {"secret": "model-key", "version": version}
    item = {"path": "ca.pem", "version": version}
    return {
        "containers": [
            {"env": [{"name": "KEY", "valueSource": {"secretKeyRef": reference}}, {"name": "X"}]}
        ],
        "volumes": [{"name": "ca", "secret": {"secret": "valkey-ca", "items": [item]}}],
    }


def versions(*states: str) -> Sequence[SecretVersion]:
    return [SecretVersion(number, state) for number, state in enumerate(states, 1)]


def test_latest_becomes_the_newest_number_everywhere() -> None:
    pinned = pin_secrets(template("latest"), lambda _: versions("DISABLED", "ENABLED"))

    assert pinned.template == template("2")
    assert pinned.pins == (Pin("KEY", "model-key", 2), Pin("ca/ca.pem", "valkey-ca", 2))
    assert pinned.problems == ()


def test_the_given_template_is_left_as_it_is() -> None:
    given_template = template("latest")

    pin_secrets(given_template, lambda _: versions("ENABLED"))

    assert given_template == template("latest")


def test_a_disabled_newest_version_is_a_problem_and_no_older_one_is_taken() -> None:
    pinned = pin_secrets(template("latest"), lambda _: versions("ENABLED", "DISABLED"))

    assert pinned.pins == ()
    assert "version 2 of 'model-key' is the newest and DISABLED" in pinned.problems[0]


def test_a_secret_without_a_version_is_a_problem() -> None:
    assert "has no version" in pin_secrets(template("latest"), lambda _: []).problems[0]


def test_a_number_of_an_earlier_deploy_follows_where_latest_is_declared() -> None:
    follows = following_latest(template("latest"))
    pinned = pin_secrets(template("1"), lambda _: versions("ENABLED", "ENABLED"), follows)

    assert pinned.template == template("2")
    assert pinned.pins[0] == Pin("KEY", "model-key", 2, "1")
    again = pin_secrets(pinned.template, lambda _: versions("ENABLED", "ENABLED"), follows)
    assert again.pins == ()


def test_planned_numbers_are_put_into_a_template() -> None:
    assert with_numbers(template("latest"), {"KEY": 2, "ca/ca.pem": 2}) == template("2")


@given(st.integers(1, 99))
def test_a_number_stays(number: int) -> None:
    pinned = pin_secrets(template(str(number)), lambda _: versions("DISABLED"))

    assert pinned.template == template(str(number))
    assert (pinned.pins, pinned.problems) == ((), ())
