import asyncio

import pytest

from netra_client import FixedToken, IdentityClient, RefreshingTokens
from netra_client.errors import HttpRefused, SignedOut
from netra_client.models import TokenPair
from netra_client.tests.unit.wire_http import PASSWORD
from netra_client.tests.unit.wire_server import WireServer


async def test_many_callers_share_one_exchange(wire: WireServer) -> None:
    wire.http.refresh_delay = 0.05
    changes: list[TokenPair] = []
    async with IdentityClient(wire.url) as identity:
        first = await identity.login("ada@example.org", PASSWORD)
        tokens = RefreshingTokens(identity, first, on_change=changes.append)
        got = await asyncio.gather(*(tokens.token(not_this="t1") for _ in range(20)))
    assert set(got) == {"t2"}
    assert wire.http.calls.count("POST /api/auth/refresh") == 1
    assert [pair.refresh_token for pair in changes] == ["r2"]


async def test_a_cancelled_caller_does_not_lose_the_new_tokens(wire: WireServer) -> None:
    wire.http.refresh_delay = 0.05
    async with IdentityClient(wire.url) as identity:
        tokens = RefreshingTokens(identity, await identity.login("ada@example.org", PASSWORD))
        caller = asyncio.create_task(tokens.token(not_this="t1"))
        await asyncio.wait_for(wire.http.refreshing.wait(), 5)
        caller.cancel()
        await tokens.aclose()
        assert await tokens.token() == "t2"
        assert wire.http.calls.count("POST /api/auth/refresh") == 1


async def test_a_token_is_given_out_until_its_margin(wire: WireServer) -> None:
    async with IdentityClient(wire.url) as identity:
        pair = await identity.login("ada@example.org", PASSWORD)
        assert await RefreshingTokens(identity, pair, margin=60, age=839).token() == "t1"
        assert await RefreshingTokens(identity, pair, margin=60, age=841).token() == "t2"


async def test_a_revoked_session_is_signed_out(wire: WireServer) -> None:
    wire.http.revoked = True
    async with IdentityClient(wire.url) as identity:
        tokens = RefreshingTokens(identity, await identity.login("ada@example.org", PASSWORD))
        with pytest.raises(SignedOut):
            await tokens.token(not_this="t1")


async def test_an_outage_is_no_sign_out(wire: WireServer) -> None:
    async with IdentityClient(wire.url) as identity:
        tokens = RefreshingTokens(identity, await identity.login("ada@example.org", PASSWORD))
        wire.http.failures.append((503, {}))
        with pytest.raises(HttpRefused):
            await tokens.token(not_this="t1")
        assert await tokens.token(not_this="t1") == "t2"


async def test_a_fixed_token_that_was_refused_is_over() -> None:
    tokens = FixedToken("t0")
    assert await tokens.token() == "t0"
    with pytest.raises(SignedOut):
        await tokens.token(not_this="t0")


async def test_no_value_shows_its_token(wire: WireServer) -> None:
    async with IdentityClient(wire.url) as identity:
        signed_in = await identity.login("ada@example.org", PASSWORD)
        ticket = await identity.socket_ticket(signed_in.access_token)
        assert (await identity.me(signed_in.access_token)).id == signed_in.user.id
        renewed = await identity.refresh(signed_in.refresh_token)
    shown = f"{signed_in!r} {ticket!r} {renewed!r}"
    secrets = ("t1", "t2", "r1", "r2", ticket.ticket)
    assert not [secret for secret in secrets if f"'{secret}'" in shown]


async def test_a_wrong_password_is_reported_by_its_code(wire: WireServer) -> None:
    async with IdentityClient(wire.url) as identity:
        with pytest.raises(HttpRefused) as caught:
            await identity.login("ada@example.org", "guess")
    assert (caught.value.status, caught.value.code) == (401, "credentials_refused")
    assert "guess" not in str(caught.value)
