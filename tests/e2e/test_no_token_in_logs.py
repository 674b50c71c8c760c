"""No credential that a client ever sends may be found in any log, ours or Envoy's."""

import asyncio
import base64
import urllib.parse
from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest

from netra_client import Credential, NetraClientError
from netra_client.endpoint import socket_url
from netra_client.errors import HandshakeRefused
from netra_client.handshake import offer_token
from netra_client.timeouts import ClientTimeouts
from netra_client.transport import open_socket
from test_framework.platform.people import QUICK, Person
from test_framework.platform.stack import Stack

pytestmark = pytest.mark.mission_critical

DEADLINE = 60.0
POLL_SECONDS = 0.1
EXPECTED_LOGS = {"auth.log", "backend.log", "edge.log", "postgres.log", "valkey.log"}


def spellings(secret: str) -> Iterator[bytes]:
    """Yield the forms in which a secret could be written; of a JWT, each part counts alone."""
    for text in {secret, secret.rpartition(".")[2]}:
        yield text.encode()
        yield urllib.parse.quote(text, safe="").encode()
        yield base64.b64encode(text.encode()).rstrip(b"=")
        yield base64.urlsafe_b64encode(text.encode()).rstrip(b"=")


def leaks(stack: Stack, secrets: dict[str, str]) -> list[tuple[str, str]]:
    """Return which secret is in which log."""
    return [
        (name, file.name)
        for file in [*stack.log_files(), stack.paths.data_dir / "supervisor.log"]
        for name, secret in secrets.items()
        if any(form in file.read_bytes() for form in spellings(secret))
    ]


async def offer(stack: Stack, credential: Credential, secret: str) -> None:
    """Open a socket and close it; a refusal is as good."""
    try:
        socket = await open_socket(
            socket_url(stack.url),
            offer_token(credential, secret),
            timeouts=ClientTimeouts(),
            max_frame_bytes=2**20,
            user_agent="e2e/1",
        )
    except HandshakeRefused:
        return
    await socket.close()


async def test_no_log_holds_a_credential(stack: Stack, person: Person) -> None:
    renewed = await person.identity.refresh(person.signed_in.refresh_token)
    other = await person.identity.login(person.email, person.password)
    ticket = (await person.identity.socket_ticket(renewed.access_token)).ticket
    wrong_password, broken = "wrong-Passw0rd-that-is-typed", f"{renewed.access_token[:-8]}tampered"
    with pytest.raises(NetraClientError):
        await person.identity.login(person.email, wrong_password)
    with pytest.raises(NetraClientError):
        await person.identity.me(broken)
    for credential in (Credential.SUBPROTOCOL, Credential.BEARER):
        for token in (renewed.access_token, broken):
            await offer(stack, credential, token)
    await offer(stack, Credential.TICKET, ticket)
    await offer(stack, Credential.TICKET, ticket)  # spent: refused
    async with person.client(stack.url, replace(QUICK, credential=Credential.TICKET)) as client:
        thread = await client.threads.create()
        await client.run(thread.id, "words=2").answer()
    await _careless_client(stack, renewed.access_token, person.password)
    await person.identity.logout(renewed.refresh_token)
    with pytest.raises(NetraClientError):
        await person.identity.refresh(renewed.refresh_token)

    secrets = {
        "access token": person.token,
        "renewed access token": renewed.access_token,
        "other access token": other.access_token,
        "tampered access token": broken,
        "spent refresh token": person.signed_in.refresh_token,
        "renewed refresh token": renewed.refresh_token,
        "ticket": ticket,
        "password": person.password,
        "wrong password": wrong_password,
    }
    marker = f"end-of-test-{person.user_id}"
    await _until_written(stack, marker)
    found = {file.name for file in stack.log_files()}
    assert found >= EXPECTED_LOGS, "a log that is not looked at proves nothing"
    assert leaks(stack, {"marker": marker}) == [("marker", "edge.log")], "the search finds"
    assert leaks(stack, secrets) == []


async def _careless_client(stack: Stack, token: str, password: str) -> None:
    """Put credentials where they do not belong: in queries, bodies that are no JSON, frames."""
    async with httpx.AsyncClient(base_url=stack.url, timeout=DEADLINE) as http:
        await http.get("/ws", params={"token": token})
        await http.get("/api/threads", params={"access_token": token})
        await http.post("/api/auth/login", content=f"password={password}")
        await http.post("/api/auth/login", json={"email": password, "password": {"is": password}})
        await http.post("/api/auth/refresh", json={"refresh_token": [token]})
    socket = await open_socket(
        socket_url(stack.url),
        offer_token(Credential.SUBPROTOCOL, token),
        timeouts=ClientTimeouts(),
        max_frame_bytes=2**20,
        user_agent="e2e/1",
    )
    await socket.send(f'{{"jsonrpc":"2.0","id":1,"method":"{token}","params":{{}}}}')
    await asyncio.wait_for(socket.recv(), DEADLINE)
    await socket.close()


async def _until_written(stack: Stack, marker: str) -> None:
    """Wait until the logs show the end of what was done, so that nothing is still on its way.

    Envoy writes its access log up to 1 s after the answer; a last request marks the end.
    """
    last = f"/{marker}"
    async with httpx.AsyncClient(base_url=stack.url, timeout=DEADLINE) as http:
        await http.get(last)
    edge = stack.paths.log("edge")
    async with asyncio.timeout(DEADLINE):
        while last.encode() not in edge.read_bytes():  # noqa: ASYNC110  a file has no event
            await asyncio.sleep(POLL_SECONDS)
