"""The backend refuses half-set and imprecise configuration, naming the variable."""

import pytest

from netra_backend.app.core.config import BackendSettings
from netra_shared.errors import ConfigurationError
from netra_shared.settings import load_settings

GOOD = {
    "environment": "test",
    "database_url": "postgresql://netra:pw@127.0.0.1:5432/netra",
    "redis_url": "redis://127.0.0.1:6379/0",
    "auth_jwks_url": "http://127.0.0.1:8001/.well-known/jwks.json",
}


def refusal(**changes: object) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load_settings(BackendSettings, GOOD | changes)
    return caught.value.detail


def test_origins_come_as_a_comma_separated_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOWED_ORIGINS", "http://localhost:8080, https://app.example.com")
    settings = load_settings(BackendSettings, GOOD)
    assert settings.allowed_origins == ("http://localhost:8080", "https://app.example.com")


@pytest.mark.parametrize(
    "origin",
    ["localhost:8080", "https://app.example.com/", "ftp://x", "*", "https://*.example.com"],
)
def test_an_imprecise_origin_is_refused(origin: str) -> None:
    text = refusal(allowed_origins=origin)
    assert "ALLOWED_ORIGINS" in text
    assert origin in text


def test_without_any_source_of_keys_it_does_not_start() -> None:
    assert "set AUTH_JWKS_URL, or JWT_SECRET_KEY" in refusal(auth_jwks_url=None)


def test_a_base_url_without_a_model_is_half_a_configuration() -> None:
    assert "NETRA_MODEL is not set" in refusal(netra_model_base_url="http://127.0.0.1:1/v1")
