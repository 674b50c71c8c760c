"""A wrong configuration is refused as a whole, with every problem in one list."""

import pytest

from netra_shared.errors import ConfigurationError
from netra_shared.settings import Environment, ServiceSettings, load_settings

GOOD = {
    "environment": "test",
    "database_url": "postgresql://netra:pw@127.0.0.1:5432/netra",
    "redis_url": "redis://:pw@127.0.0.1:6379/0",
}


def refused(**changes: object) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load_settings(ServiceSettings, GOOD | changes)
    return caught.value.detail


def test_good_values_are_frozen() -> None:
    settings = load_settings(ServiceSettings, GOOD)
    with pytest.raises(ValueError, match="frozen"):
        settings.port = 1  # type: ignore[misc]


def test_every_problem_is_listed() -> None:
    text = refused(environment="stagging", port=0, redis_url="http://x", log_level="loud")
    assert "4 problem(s)" in text
    for variable in ("ENVIRONMENT", "PORT", "REDIS_URL", "LOG_LEVEL"):
        assert f"- {variable} " in text


def test_missing_variables_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ENVIRONMENT", "DATABASE_URL", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ConfigurationError) as caught:
        load_settings(ServiceSettings)
    assert [problem.split()[0] for problem in caught.value.problems] == [
        "ENVIRONMENT",
        "DATABASE_URL",
        "REDIS_URL",
    ]


def test_the_password_is_in_no_refusal_and_no_repr() -> None:
    assert "hunter2" not in refused(database_url="mysql://root:hunter2@db/netra")
    assert "hunter2" not in repr(
        load_settings(ServiceSettings, GOOD | {"redis_url": "redis://:hunter2@h:1/0"})
    )


@pytest.mark.parametrize("environment", [e for e in Environment if e is not Environment.TEST])
def test_a_shared_secret_is_refused_outside_tests(environment: Environment) -> None:
    assert "ENVIRONMENT=test" in refused(environment=environment.value, jwt_secret_key="x" * 32)


def test_a_short_shared_secret_is_refused() -> None:
    assert "at least 32 bytes" in refused(jwt_secret_key="x" * 31)


def test_a_database_url_without_a_database_is_refused() -> None:
    assert "names no database" in refused(database_url="postgresql://netra@localhost")


def test_only_staging_and_production_follow_the_rules_of_cloud_run() -> None:
    assert {e for e in Environment if e.is_gcp} == {Environment.STAGING, Environment.PRODUCTION}


def test_a_member_of_a_group_is_named_as_its_variable() -> None:
    assert "- READINESS__JITTER " in refused(readiness={"jitter": 1})


def test_a_pace_that_breaks_the_promise_is_refused_with_its_arithmetic() -> None:
    text = refused(readiness={"interval_seconds": 1.0})
    assert "interval_seconds x (1 + jitter) = 1.2 s must be below 1 s" in text
