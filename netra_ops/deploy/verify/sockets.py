"""Checks over the socket: both token forms, the refusal, a whole run, late imports."""

import asyncio
import base64
from typing import Any

import msgspec

from netra_client import FixedToken, NetraClient, Outcome, StreamReset
from netra_client.codes import PROTOCOL_VERSION, RetryClass
from netra_client.connection import Connection
from netra_client.endpoint import socket_url
from netra_client.errors import CommandRejected, NetraClientError
from netra_client.handshake import SUBPROTOCOL, Credential, Offer, offer_token
from netra_client.timeouts import ClientTimeouts
from netra_client.transport import open_socket
from netra_ops.deploy.verify.result import CheckResult, Judgement, judged
from netra_ops.deploy.verify.subject import Subject
from netra_ops.validate.protocol_probe import (
    MAX_FRAME_BYTES,
    USER_AGENT,
    ProtocolProbe,
    Report,
    Verdict,
)

GOLDEN_PATH_SECONDS = 60.0
REPEAT_SECONDS = 0.5
QUESTION = "What does close code 4413 mean?"
_BAD_TOKEN = "jwt.deploy-check"  # noqa: S105  # it opens nothing, that is its purpose


async def check_handshakes(subject: Subject) -> CheckResult:
    """Open a socket with both forms of the token, and be refused with a bad one."""
    encoded = base64.urlsafe_b64encode(subject.token.encode()).decode().rstrip("=")
    offers = {
        "compact token": (offer_token(Credential.SUBPROTOCOL, subject.token), Verdict.ACCEPTED),
        "base64url token": (offer_token(Credential.SUBPROTOCOL, encoded), Verdict.ACCEPTED),
        "bad token": (Offer((SUBPROTOCOL, _BAD_TOKEN), {}), Verdict.REFUSED_AS_DOCUMENTED),
    }
    wrong: list[str] = []
    for name, (offer, expected) in offers.items():
        for origin in (None, subject.origin):
            report = await ProtocolProbe(socket_url(subject.url), offer, origin=origin).run()
            if report.verdict is not expected:
                who = "page" if origin else "program"
                wrong.append(f"{name} of a {who}: {_last(report)}")
    return judged(
        "handshake",
        not wrong,
        expected="both token forms accepted, a bad one refused as docs/protocol.md says",
        seen="; ".join(wrong) or "both token forms accepted, a bad one refused",
        command=f"python scripts/test_websocket_protocol.py --environment ENV --url {subject.url}",
    )


async def check_golden_path(subject: Subject) -> CheckResult:
    """Open a thread, ask, and read the streamed answer to its end.

    A rejection that the server asks to repeat, such as agents that still start, is repeated.
    """
    try:
        async with asyncio.timeout(GOLDEN_PATH_SECONDS):
            seen, good = await _ask_until_taken(subject)
    except (NetraClientError, TimeoutError) as error:
        seen, good = f"{type(error).__name__}: {error}".rstrip(": "), False
    return judged("golden path", good, expected="a run with outcome success", seen=seen)


async def _ask_until_taken(subject: Subject) -> tuple[str, bool]:
    while True:
        try:
            return await _ask_once(subject)
        except CommandRejected as error:
            if error.retry not in {RetryClass.NOW, RetryClass.BACKOFF}:
                raise
            await asyncio.sleep(error.retry_after or REPEAT_SECONDS)


async def _ask_once(subject: Subject) -> tuple[str, bool]:
    async with NetraClient(subject.url, FixedToken(subject.token)) as client:
        thread = await client.threads.create()
        run = client.run(thread.id, QUESTION)
        deltas = 0
        async for item in run:
            if isinstance(item, StreamReset):
                return f"the stream was reset: {item.reason}", False
            deltas += item.type == "TEXT_MESSAGE_CONTENT"
        good = run.outcome is Outcome.SUCCESS and deltas > 0
        return f"outcome {run.outcome}, {deltas} parts of an answer", good


async def check_late_imports(subject: Subject) -> CheckResult:
    """Read the fleet as an operator: the candidate's instances must have no late import."""
    name = "late imports"
    if not subject.operator_token:
        reason = "needs an account with the role operator: set NETRA_EMAIL and NETRA_PASSWORD"
        return CheckResult(name, Judgement.NOT_POSSIBLE, "0", reason)
    try:
        fleet = await _fleet(subject)
    except NetraClientError as error:
        return CheckResult(name, Judgement.NOT_POSSIBLE, "0", error.message)
    counts = {
        str(instance.get("instanceId")): int(instance.get("lateImports", 0))
        for instance in fleet
        if instance.get("revision") == subject.revisions["backend"]
    }
    late = {instance: count for instance, count in counts.items() if count}
    return judged(
        name,
        bool(counts) and not late,
        expected="0 on each instance of the candidate",
        seen=", ".join(f"{n} on {i}" for i, n in late.items()) or f"0 on {len(counts)} instances",
    )


async def _fleet(subject: Subject) -> list[dict[str, Any]]:
    timeouts = ClientTimeouts()
    socket = await open_socket(
        socket_url(subject.url),
        offer_token(Credential.SUBPROTOCOL, subject.operator_token),
        timeouts=timeouts,
        max_frame_bytes=MAX_FRAME_BYTES,
        user_agent=USER_AGENT,
    )
    connection = Connection(socket, timeouts, lambda _method, _params: None)
    reader = asyncio.create_task(connection.read_until_closed())
    try:
        client = {"name": "netra-deploy", "version": "1"}
        await connection.call("initialize", {"protocolVersion": PROTOCOL_VERSION, "client": client})
        answer = msgspec.json.decode(await connection.call("operations.subscribe", {}))
    finally:
        await connection.close()
        await reader
    found: list[dict[str, Any]] = answer.get("instances", [])
    return found


def _last(report: Report) -> str:
    last = report.steps[-1]
    return f"{report.verdict}: {last.name}: {last.detail}"
