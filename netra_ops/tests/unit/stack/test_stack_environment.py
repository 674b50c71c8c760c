import pytest

from netra_ops.stack.environment import (
    StackAddresses,
    auth_environment,
    backend_environment,
    shared_environment,
)

pytestmark = pytest.mark.unit

ADDRESSES = StackAddresses(
    database_url="postgresql://netra:pw@127.0.0.1:5432/netra",
    redis_url="redis://:pw@127.0.0.1:6379/0",
    auth_port=8001,
    backend_port=8000,
    edge_port=8080,
    encryption_key="a2V5",
)


def test_the_stack_wins_over_the_shell() -> None:
    shell = {"DATABASE_URL": "postgresql://elsewhere/x", "ENVIRONMENT": "production", "PORT": "1"}
    shared = shared_environment(ADDRESSES, shell)
    assert shared["DATABASE_URL"] == ADDRESSES.database_url
    assert shared["ENVIRONMENT"] == "local"
    assert auth_environment(shared, ADDRESSES)["PORT"] == "8001"
    assert backend_environment(shared, ADDRESSES)["PORT"] == "8000"


def test_the_model_of_the_shell_is_kept() -> None:
    shared = shared_environment(ADDRESSES, {"NETRA_MODEL": "openai:gpt-5", "OPENAI_API_KEY": "k"})
    assert shared["NETRA_MODEL"] == "openai:gpt-5"
    assert shared["OPENAI_API_KEY"] == "k"


@pytest.mark.parametrize(
    "name",
    ["NETRA_MODEL", "NETRA_MODEL_API_KEY", "OPENAI_API_KEY", "AWS_SECRET_ACCESS_KEY",
     "AWS_ACCESS_KEY_ID", "AWS_SESSION_TOKEN"],
)  # fmt: skip
def test_the_identity_service_gets_no_credential_of_a_model(name: str) -> None:
    shared = shared_environment(ADDRESSES, {name: "k"})
    assert name in backend_environment(shared, ADDRESSES)
    assert name not in auth_environment(shared, ADDRESSES)


@pytest.mark.parametrize("name", ["JWT_SECRET_KEY", "K_SERVICE", "K_REVISION", "PYTHONPATH"])
def test_what_would_mislead_a_service_is_not_inherited(name: str) -> None:
    assert name not in shared_environment(ADDRESSES, {name: "x"})


def test_only_the_identity_service_can_open_signing_keys() -> None:
    shared = shared_environment(ADDRESSES, {})
    assert "AUTH_KEY_ENCRYPTION_KEY" in auth_environment(shared, ADDRESSES)
    assert "AUTH_KEY_ENCRYPTION_KEY" not in backend_environment(shared, ADDRESSES)


def test_browsers_may_come_from_the_edge() -> None:
    origins = shared_environment(ADDRESSES, {})["ALLOWED_ORIGINS"].split(",")
    assert "http://localhost:8080" in origins
    assert all("*" not in origin for origin in origins)
