import pytest

from netra_ops.stack.external import (
    ExternalServiceRefused,
    check_database,
    check_valkey,
    without_credentials,
)


def test_no_user_and_no_password_is_shown() -> None:
    shown = without_credentials("postgresql://ada:secret@db.example:5433/netra")
    assert shown == "db.example:5433/netra"


async def test_an_address_that_is_none_is_refused_by_name_and_without_its_password() -> None:
    with pytest.raises(ExternalServiceRefused) as database:
        await check_database("postgresql://ada:secret@localhost:port/netra")
    with pytest.raises(ExternalServiceRefused) as valkey:
        await check_valkey("redis://:secret@localhost:port/0")
    for refusal, variable in ((database, "DATABASE_URL"), (valkey, "REDIS_URL")):
        assert refusal.value.detail.startswith(f"{variable} is set, but it is no URL")
        assert variable in refusal.value.remedy
        assert "secret" not in refusal.value.detail
