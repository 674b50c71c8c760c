"""Checks over HTTP: startup, readiness three times in a row, and who answers."""

import asyncio
from collections.abc import Iterable

import httpx

from netra_ops.deploy.verify.result import CheckResult, judged
from netra_ops.deploy.verify.subject import Subject

HTTP_SECONDS = 10.0
# One good answer can be luck: a revision that flaps passes one probe in two.
READY_IN_A_ROW = 3
BETWEEN_ANSWERS_SECONDS = 0.5
# A new instance is degraded until its agents have started: 3 s alone, more on a busy machine.
SETTLE_SECONDS = 30.0
STARTUP_PATH = "/health/startup"
READY_PATH = "/health/ready"
PUBLIC_ANSWERS = 5


async def check_startup(subject: Subject) -> CheckResult:
    """Look whether the instance has become ready once."""
    async with _http(subject) as http:
        seen = await _ask(http, STARTUP_PATH)
    return judged(
        "startup",
        seen.startswith("200"),
        expected="200",
        seen=seen,
        command=f"curl -s {subject.url}{STARTUP_PATH}",
    )


async def check_readiness(subject: Subject) -> CheckResult:
    """Ask for readiness until it passes three times in a row.

    ``warn`` (degraded, still 200) is no failure of a revision: a shared dependency may be the
    cause. It passes only when the revision has not become better by ``SETTLE_SECONDS``.
    """
    answers: list[str] = []
    give_up = asyncio.get_running_loop().time() + SETTLE_SECONDS
    async with _http(subject) as http:
        while asyncio.get_running_loop().time() < give_up:
            answers.append(await _ask(http, READY_PATH))
            if answers[-READY_IN_A_ROW:] == ["200 pass"] * READY_IN_A_ROW:
                break
            await asyncio.sleep(BETWEEN_ANSWERS_SECONDS)
    last = answers[-READY_IN_A_ROW:]
    good = len(last) == READY_IN_A_ROW and all(one.startswith("200") for one in last)
    return judged(
        "readiness",
        good,
        expected=f"200, {READY_IN_A_ROW} times in a row",
        seen=", ".join(last),
        command=f"curl -s '{subject.url}{READY_PATH}?verbose=1' -H 'Authorization: Bearer …'",
    )


async def check_identity(subject: Subject, *, answers: int = 1) -> CheckResult:
    """Look whether the expected revision of the backend answers, and no other.

    Cloud Run itself reports success for a revision that gets 0 %, so the answer of the service
    counts, not that of the API.
    """
    expected = subject.revisions["backend"]
    seen: list[str] = []
    async with _http(subject) as http:
        for _ in range(answers):
            try:
                document = (await http.get("/health")).json()
                seen.append(str(document.get("releaseId", "no revision")))
            except (httpx.HTTPError, ValueError) as error:
                seen.append(_words(error))
    return judged(
        "identity",
        set(seen) == {expected},
        expected=expected,
        seen=", ".join(_unique(seen)),
        command=f"curl -s {subject.url}/health",
    )


def _http(subject: Subject) -> httpx.AsyncClient:
    # No connection is kept: each request may be answered by another instance or revision.
    limits = httpx.Limits(max_keepalive_connections=0)
    return httpx.AsyncClient(base_url=subject.url, timeout=HTTP_SECONDS, limits=limits)


async def _ask(http: httpx.AsyncClient, path: str) -> str:
    try:
        answer = await http.get(path)
    except httpx.HTTPError as error:
        return _words(error)
    status = _status_of(answer)
    return f"{answer.status_code} {status}".strip()


def _status_of(answer: httpx.Response) -> str:
    try:
        return str(answer.json().get("status", ""))
    except ValueError:
        return ""


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".rstrip(": ")


def _unique(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(texts))
