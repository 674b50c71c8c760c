from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest

from auth_service.app.config import AuthSettings
from auth_service.tests.unit.support import make_settings
from netra_shared.errors import ConfigurationError
from netra_shared.settings import load_settings

POSTGRES, VALKEY = "postgresql://u@localhost/d", "redis://localhost"


def refused(**changes: Any) -> str:
    values = {"environment": "test", "database_url": POSTGRES, "redis_url": VALKEY} | changes
    with pytest.raises(ConfigurationError) as error:
        load_settings(AuthSettings, values)
    return str(error.value)


def test_the_defaults_hold_together() -> None:
    settings = make_settings(POSTGRES, VALKEY)
    assert settings.port == 8001
    assert settings.rotation.period == timedelta(days=30)
    assert settings.rotation.lead == timedelta(hours=1)
    # A token's life, the view of the slowest instance, the oldest cache, and two clocks.
    assert settings.rotation.linger == timedelta(seconds=900 + 60 + 300 + 10)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({}, "AUTH_KEY_ENCRYPTION_KEY is not set"),
        ({"auth_key_encryption_key": "short"}, "AUTH_KEY_ENCRYPTION_KEY"),
        ({"jwt_secret_key": "s" * 32, "environment": "staging"}, "ENVIRONMENT=test"),
        ({"jwt_secret_key": "s" * 31}, "at least 32 bytes"),
        (
            {
                "auth_key_encryption_key": "A" * 43,
                "access_token_seconds": 119,
                "environment": "local",
            },
            "ACCESS_TOKEN_SECONDS must be at least 120",
        ),
        ({"rate_login_per_account": "often"}, "RATE_LOGIN_PER_ACCOUNT"),
        ({"rate_login_per_account": "0 per 1 minute"}, "RATE_LOGIN_PER_ACCOUNT"),
        ({"trusted_proxies": "10.0.0.0/33"}, "TRUSTED_PROXIES"),
    ],
)
def test_refuses_what_cannot_work(changes: dict[str, Any], message: str) -> None:
    assert message in refused(**changes)


def test_refuses_a_lead_that_caches_outlive() -> None:
    key = "A" * 43
    assert "at least 365" in refused(auth_key_encryption_key=key, signing_key_lead_seconds=364)
    assert "must not exceed" in refused(
        auth_key_encryption_key=key, signing_key_lead_seconds=7200, signing_key_seconds=3600
    )


def test_reads_networks_from_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUSTED_PROXIES", "10.0.0.0/8, 2001:db8::/32,")
    wanted = (ip_network("10.0.0.0/8"), ip_network("2001:db8::/32"))
    from_environment = load_settings(
        AuthSettings,
        {
            "environment": "test",
            "database_url": POSTGRES,
            "redis_url": VALKEY,
            "auth_key_encryption_key": "A" * 43,
        },
    )
    assert from_environment.trusted_proxies == wanted


def test_the_present_encryption_key_comes_first() -> None:
    settings = make_settings(
        POSTGRES,
        VALKEY,
        auth_key_encryption_key="A" * 43,
        auth_key_encryption_key_previous="_" * 42 + "8",
    )
    assert settings.encryption_keys == [b"\x00" * 32, b"\xff" * 32]


def test_secrets_are_not_shown() -> None:
    assert "A" * 43 not in repr(make_settings(POSTGRES, VALKEY, auth_key_encryption_key="A" * 43))


def test_every_setting_is_described() -> None:
    assert [n for n, field in AuthSettings.model_fields.items() if not field.description] == []
