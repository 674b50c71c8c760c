"""Walks the chunks of a served frontend and judges what they say."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

import httpx

from netra_client.endpoint import socket_url
from netra_client.handshake import Credential, offer_token
from netra_ops.validate.bundle import (
    BuildIdentity,
    chunks_named_in,
    find_handshake,
    parse_identity,
    scripts_of,
)
from netra_ops.validate.protocol_probe import ProtocolProbe, Verdict

HTTP_SECONDS = 15.0
MAX_CHUNKS = 500  # ours has about 30; a page that names more is not ours
PARALLEL = 8
PAGES = ("/", "/ops", "/doctor")  # together they name every chunk of a build

SignIn = Callable[[], Awaitable[str]]
Result = TypeVar("Result")


class BundleProblem(Exception):
    """A step's finding and its description."""


@dataclass(frozen=True)
class BundleStep:
    """One step: what was looked at, whether it is in order, and what was seen."""

    name: str
    passed: bool
    detail: str
    milliseconds: float


@dataclass
class BundleProbe:
    """Looks at one served frontend.

    Args:
        frontend_url: of the pages, without a path.
        backend_url: of the edge that leads to the sockets.
        origin: of the pages, as browsers send it.
        sign_in: returns an access token.
        expected_digest: the build that must be served; empty: any.
    """

    frontend_url: str
    backend_url: str
    origin: str
    sign_in: SignIn
    expected_digest: str = ""
    steps: list[BundleStep] = field(default_factory=list)

    async def run(self) -> bool:
        """Take every step that still makes sense; return whether all are in order."""
        async with httpx.AsyncClient(
            base_url=self.frontend_url, timeout=HTTP_SECONDS, follow_redirects=True
        ) as http:
            try:
                page = await self._step("page", lambda: self._pages(http))
                identity = await self._step("version", lambda: self._identity(http))
                chunks = await self._step("chunks", lambda: self._chunks(http, page))
                await self._step("handshake", lambda: self._handshake(chunks, identity))
                await self._step("backend", lambda: self._backend(identity))
            except BundleProblem:
                return False
        return all(step.passed for step in self.steps)

    async def _pages(self, http: httpx.AsyncClient) -> tuple[str, str]:
        answers = await asyncio.gather(*(http.get(path) for path in PAGES))
        for path, answer in zip(PAGES, answers, strict=True):
            self._judge_page(path, answer)
        size = sum(len(answer.content) for answer in answers)
        names = ", ".join(PAGES)
        return (
            "\n".join(answer.text for answer in answers),
            f"{names}: {size} bytes, asked for again each time, strict policy",
        )

    @staticmethod
    def _judge_page(path: str, answer: httpx.Response) -> None:
        if answer.status_code != httpx.codes.OK or "text/html" not in _type(answer):
            status = f"{answer.status_code} {_type(answer)}"
            raise BundleProblem(f"{path} answers {status}, expected a page")
        policy = answer.headers.get("content-security-policy", "")
        if "script-src" not in policy or "unsafe-inline" in policy:
            raise BundleProblem(f"{path} has no strict Content-Security-Policy")
        if "no-cache" not in answer.headers.get("cache-control", ""):
            raise BundleProblem(f"{path} may be cached: an old page would outlive a deploy")

    async def _identity(self, http: httpx.AsyncClient) -> tuple[BuildIdentity, str]:
        answer = await http.get("/version.json")
        if answer.status_code != httpx.codes.OK:
            raise BundleProblem(f"/version.json answers {answer.status_code}")
        try:
            identity = parse_identity(answer.text)
        except ValueError as error:
            raise BundleProblem(str(error)) from None
        if self.expected_digest and not identity.digest.startswith(self.expected_digest):
            raise BundleProblem(
                f"build {identity.digest[:12]} is served, {self.expected_digest[:12]} is expected"
            )
        return identity, f"build {identity.digest[:12]}, protocol {identity.protocol_version}"

    async def _chunks(self, http: httpx.AsyncClient, page: str) -> tuple[dict[str, str], str]:
        wanted = {*scripts_of(page, self.frontend_url), *chunks_named_in(page, self.frontend_url)}
        chunks: dict[str, str] = {}
        gate = asyncio.Semaphore(PARALLEL)

        async def fetch(url: str) -> tuple[str, httpx.Response]:
            async with gate:
                return url, await http.get(url)

        while missing := wanted - chunks.keys():
            if len(wanted) > MAX_CHUNKS:
                raise BundleProblem(f"the pages name more than {MAX_CHUNKS} chunks")
            for url, answer in await asyncio.gather(*(fetch(url) for url in sorted(missing))):
                if answer.status_code != httpx.codes.OK or "javascript" not in _type(answer):
                    raise BundleProblem(f"{url} answers {answer.status_code} {_type(answer)}")
                if "immutable" not in answer.headers.get("cache-control", ""):
                    raise BundleProblem(f"{url} is not cached forever though its name is a hash")
                chunks[url] = answer.text
                wanted |= chunks_named_in(answer.text, self.frontend_url)
        if not chunks:
            raise BundleProblem("the pages load no script")
        size = sum(len(text) for text in chunks.values())
        return chunks, f"{len(chunks)} chunks, {size // 1024} KiB, all immutable"

    async def _handshake(self, chunks: dict[str, str], identity: BuildIdentity) -> tuple[None, str]:
        found = find_handshake(chunks)
        if not found:
            raise BundleProblem("no chunk holds the jwt-auth handshake with its protocol mark")
        versions = {chunk.version for chunk in found}
        if versions != {identity.protocol_version}:
            raise BundleProblem(
                f"chunks speak {sorted(versions)}, /version.json says {identity.protocol_version}"
            )
        names = ", ".join(chunk.url.rpartition("/")[2] for chunk in found)
        return None, f"jwt-auth and {identity.protocol_mark} in {names}"

    async def _backend(self, identity: BuildIdentity) -> tuple[None, str]:
        offer = offer_token(Credential.SUBPROTOCOL, await self.sign_in())
        report = await ProtocolProbe(
            socket_url(self.backend_url), offer, origin=self.origin,
            protocol_version=identity.protocol_version,
        ).run()  # fmt: skip
        last = report.steps[-1]
        if report.verdict is not Verdict.ACCEPTED:
            raise BundleProblem(f"the backend does not take this page: {last.name}: {last.detail}")
        spoken = next(step.detail for step in report.steps if step.name == "initialize")
        return None, f"takes this page: {spoken}"

    async def _step(self, name: str, work: Callable[[], Awaitable[tuple[Result, str]]]) -> Result:
        started = time.monotonic()
        try:
            result, detail = await work()
        except (BundleProblem, httpx.HTTPError) as error:
            words = str(error) or type(error).__name__
            self.steps.append(BundleStep(name, False, words, _milliseconds(started)))
            raise BundleProblem(words) from error
        self.steps.append(BundleStep(name, True, detail, _milliseconds(started)))
        return result


def _type(answer: httpx.Response) -> str:
    return str(answer.headers.get("content-type", "without a type"))


def _milliseconds(started: float) -> float:
    return (time.monotonic() - started) * 1000
