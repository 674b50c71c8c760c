"""``netra_client.check``: asks every question about one URL, in the order of a connection."""

import asyncio
import ssl
import time
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field, replace

import msgspec
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from netra_client.codes import PROTOCOL_VERSION
from netra_client.diagnosis import network
from netra_client.diagnosis.claims import judge_token
from netra_client.diagnosis.findings import Answer, Diagnosis, Finding, Refuser
from netra_client.diagnosis.lifetime import outlives
from netra_client.diagnosis.network import Target
from netra_client.diagnosis.refuser import who_refused
from netra_client.diagnosis.upgrade import Attempt, attempt_upgrade
from netra_client.endpoint import socket_url
from netra_client.errors import DeadlinePassed
from netra_client.handshake import SUBPROTOCOL, Credential, Offer, offer_token
from netra_client.timeouts import ClientTimeouts, deadline
from netra_client.wire import Initialized, decode_as, decode_frame, encode_request

UNAUTHENTICATED = {401, 4401}  # the status, and the close that a browser sees instead
BODY_SHOWN = 120
QUESTIONS = {
    "upgrade": "Does it upgrade to a WebSocket?",
    "subprotocol": "Does it select an offered subprotocol?",
    "origin": "Does it accept the Origin?",
    "answers": "Does it answer on the socket?",
    "close": "Does it complete the closing handshake?",
}


async def check(
    url: str,
    *,
    token: str | None = None,
    protocols: Sequence[str] = (),
    origin: str | None = None,
    idle: float | None = None,
    total: float | None = None,
    timeouts: ClientTimeouts | None = None,
    tls: ssl.SSLContext | None = None,
) -> Diagnosis:
    """Find out why a WebSocket does not connect.

    Args:
        url: of the platform (``http://localhost:8080``) or of any WebSocket.
        token: an access token, offered as Netra's subprotocol; shown nowhere.
        protocols: subprotocols to offer; replaces those of ``token``.
        origin: sent as ``Origin``, to be treated as a page of it.
        idle: seconds that a socket without traffic has to live; not measured when None.
        total: seconds that a socket with traffic has to live; not measured when None.
        timeouts: ``connect``, ``http``, ``pong``, ``initialize`` and ``close`` are used.
        tls: trust for ``wss://``; the system's when None.

    Returns:
        One finding for each question. A check that fails by itself is ``unknown``.

    Raises:
        InvalidUse: ``url`` is no http(s) or ws(s) address, or holds a credential.
    """
    target = Target.of(socket_url(url), tls)
    offer = offer_token(Credential.SUBPROTOCOL, token) if token else Offer((), {})
    if protocols:
        offer = Offer(tuple(protocols), {})
    return await _Examination(target, offer, origin, timeouts or ClientTimeouts()).run(
        token, idle, total
    )


@dataclass(slots=True)
class _Examination:
    """The questions about one target; findings are added in order."""

    target: Target
    offer: Offer
    origin: str | None
    timeouts: ClientTimeouts
    findings: list[Finding] = field(default_factory=list)
    refused_by: Refuser | None = None
    is_credential_refused: bool = False

    async def run(self, token: str | None, idle: float | None, total: float | None) -> Diagnosis:
        if await self._network(token):
            await self._socket(idle, total)
        else:
            for check, question in QUESTIONS.items():
                self._not_asked(check, question)
        return Diagnosis(
            self.target.url, tuple(self.findings), self.refused_by, self.is_credential_refused
        )

    async def _network(self, token: str | None) -> bool:
        """Ask below the socket; return whether it is worth opening one."""
        if not await self._ask("dns", network.resolves(self.target, self.timeouts)):
            return False
        if not await self._ask("tcp", network.connects(self.target, self.timeouts)):
            return False
        if self.target.encrypted and not await self._ask(
            "tls", network.certified(self.target, self.timeouts)
        ):
            return False
        skew: float | None = None

        async def http() -> Finding:
            nonlocal skew
            finding, skew = await network.answers_http(self.target, self.timeouts)
            return finding

        await self._ask("http", http())
        self.findings.append(network.clock_agrees(skew))
        judged = judge_token(token, time.time() - (skew or 0.0))
        question = "Do the token's times allow its use?"
        self.findings.append(
            Finding("token", question, judged.answer, judged.evidence, judged.remedy)
        )
        return True

    async def _socket(self, idle: float | None, total: float | None) -> None:
        attempt = Attempt()

        async def upgrade() -> Finding:
            nonlocal attempt
            attempt = await self._attempt(self.origin)
            return self._judge_upgrade(attempt)

        await self._ask("upgrade", upgrade())
        self.findings.append(self._judge_subprotocol(attempt))
        await self._ask("origin", self._judge_origin(attempt))
        if attempt.socket is None:
            for check in ("answers", "close"):
                self._not_asked(check, QUESTIONS[check])
            return
        socket = attempt.socket
        await self._ask("answers", self._converse(socket))
        await self._ask("close", self._close(socket))
        await self._lifetimes(idle, total)

    async def _attempt(self, origin: str | None) -> Attempt:
        return await attempt_upgrade(
            self.target, self.offer.subprotocols, self.offer.headers, origin, self.timeouts
        )

    def _judge_upgrade(self, attempt: Attempt) -> Finding:
        question = QUESTIONS["upgrade"]
        if attempt.socket is not None:
            return Finding("upgrade", question, Answer.YES, "HTTP 101 and a pong")
        if attempt.close is not None:
            code, reason = attempt.close
            self.refused_by = Refuser.BACKEND
            self.is_credential_refused = code in UNAUTHENTICATED
            remedy = "look up the close code in docs/protocol.md"
            evidence = f"HTTP 101, then closed with {code} {reason}".rstrip()
            return Finding("upgrade", question, Answer.NO, evidence, remedy)
        if attempt.status is not None:
            refusal = who_refused(attempt.status, attempt.headers, attempt.body)
            self.refused_by = refusal.by
            self.is_credential_refused = attempt.status in UNAUTHENTICATED
            shown = " ".join(attempt.body.decode("utf-8", "replace").split())[:BODY_SHOWN]
            evidence = f"HTTP {attempt.status} from {refusal.by} ({refusal.signature}): {shown}"
            return Finding("upgrade", question, Answer.NO, evidence, refusal.remedy)
        remedy = "check that this path is a WebSocket endpoint"
        return Finding("upgrade", question, Answer.NO, attempt.failure, remedy)

    def _judge_subprotocol(self, attempt: Attempt) -> Finding:
        question = QUESTIONS["subprotocol"]
        if not self.offer.subprotocols:
            return Finding("subprotocol", question, Answer.UNKNOWN, "none was offered")
        # A browser fails the connection in both cases: https://websockets.spec.whatwg.org/
        remedy = "an intermediary may change Sec-WebSocket-Protocol; compare with the backend alone"
        if attempt.wrong_subprotocol:
            return Finding("subprotocol", question, Answer.NO, attempt.failure, remedy)
        if attempt.socket is None:
            return Finding("subprotocol", question, Answer.UNKNOWN, "the socket did not open")
        if attempt.selected is None:
            evidence = "none was selected; browsers then close the socket"
            return Finding("subprotocol", question, Answer.NO, evidence, remedy)
        return Finding("subprotocol", question, Answer.YES, attempt.selected)

    async def _judge_origin(self, attempt: Attempt) -> Finding:
        question = QUESTIONS["origin"]
        if self.origin is None:
            return Finding("origin", question, Answer.UNKNOWN, "no Origin was given")
        if attempt.socket is not None:
            return Finding("origin", question, Answer.YES, f"{self.origin} is accepted")
        without = await self._attempt(None)
        if without.socket is None:
            evidence = "the socket does not open without an Origin either"
            return Finding("origin", question, Answer.UNKNOWN, evidence)
        await without.socket.close()
        evidence = f"it opens without an Origin and not with {self.origin}"
        return Finding("origin", question, Answer.NO, evidence, "add it to the allowed origins")

    async def _converse(self, socket: ClientConnection) -> Finding:
        question = QUESTIONS["answers"]
        if socket.subprotocol != SUBPROTOCOL:
            return Finding("answers", question, Answer.YES, "a ping was answered with a pong")
        client = {"name": "netra-doctor", "version": "1"}
        params = {"protocolVersion": PROTOCOL_VERSION, "client": client}
        try:
            async with deadline("initialize", self.timeouts.initialize):
                await socket.send(encode_request(1, "initialize", params))
                frame = decode_frame(await socket.recv())
        except ConnectionClosed as error:
            ended = "without a close frame"
            if error.rcvd is not None:
                ended = f"with {error.rcvd.code} {error.rcvd.reason}".rstrip()
            evidence = f"it closed {ended}"
            return Finding("answers", question, Answer.NO, evidence, "read the backend's log")
        if frame.error is not None:
            evidence = f"initialize was answered with an error: {frame.error.message}"
            return Finding("answers", question, Answer.NO, evidence, "read the backend's log")
        answer: Initialized = decode_as(frame.result, Initialized)
        where = f"instance {answer.instance_id}, revision {answer.revision or 'none'}"
        return Finding("answers", question, Answer.YES, f"initialize was answered by {where}")

    async def _close(self, socket: ClientConnection) -> Finding:
        question = QUESTIONS["close"]
        await socket.close()
        code = socket.close_code
        if code == 1000:  # noqa: PLR2004  RFC 6455 section 7.4.1
            return Finding("close", question, Answer.YES, "1000")
        remedy = "a proxy on the way cuts the transport instead of forwarding the close frame"
        return Finding("close", question, Answer.NO, f"it ended with {code}", remedy)

    async def _lifetimes(self, idle: float | None, total: float | None) -> None:
        wanted = [("idle", idle, True), ("total", total, False)]
        await asyncio.gather(
            *(
                self._ask(name, self._lifetime(name, seconds, quiet=quiet))
                for name, seconds, quiet in wanted
                if seconds is not None
            )
        )

    async def _lifetime(self, name: str, seconds: float, *, quiet: bool) -> Finding:
        attempt = await self._attempt(self.origin)
        if attempt.socket is None:
            question = f"Does a socket live {seconds:g} s?"
            return Finding(name, question, Answer.UNKNOWN, "a second socket did not open")
        if attempt.selected == SUBPROTOCOL:
            await self._converse(attempt.socket)
        return await outlives(attempt.socket, name, seconds, quiet=quiet)

    async def _ask(self, check: str, work: Awaitable[Finding]) -> bool:
        """Add the finding of ``work``; return whether the answer was not ``no``."""
        question = QUESTIONS.get(check, check)
        started = time.monotonic()
        try:
            finding = await work
        except DeadlinePassed as error:
            remedy = "check firewalls and the load of the server"
            finding = Finding(check, question, Answer.NO, error.message, remedy)
        except Exception as error:  # noqa: BLE001  a defect of a check is never a cause
            evidence = f"the check itself failed: {type(error).__name__}: {error}"
            finding = Finding(check, question, Answer.UNKNOWN, evidence)
        taken = round((time.monotonic() - started) * 1000, 1)
        self.findings.append(replace(finding, milliseconds=taken))
        return finding.answer is not Answer.NO

    def _not_asked(self, check: str, question: str) -> None:
        cause = next((one.check for one in self.findings if one.answer is Answer.NO), "the socket")
        evidence = f"not asked: {cause} failed before"
        self.findings.append(Finding(check, question, Answer.UNKNOWN, evidence))


def to_json(diagnosis: Diagnosis) -> str:
    """Return the diagnosis as one JSON object."""
    cause = diagnosis.cause
    return msgspec.json.encode(
        {
            "url": diagnosis.url,
            "healthy": diagnosis.is_healthy,
            "cause": None if cause is None else cause.check,
            "refusedBy": diagnosis.refused_by,
            "findings": diagnosis.findings,
        }
    ).decode()
