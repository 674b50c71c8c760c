"""Section 2: what is deployed, the served bundle, authentication through the edge, no 1011."""

import httpx

from netra_client.endpoint import socket_url
from netra_client.handshake import SUBPROTOCOL, Credential, Offer, offer_token
from netra_ops.frontend.sources import source_digest
from netra_ops.validate.backend_counters import closes_of_backend
from netra_ops.validate.bundle_probe import BundleProbe, BundleStep
from netra_ops.validate.evidence import Evidence, Finding, NotPossible, judged
from netra_ops.validate.protocol_probe import ProtocolProbe, Verdict
from netra_ops.validate.row import Phase, Row
from netra_ops.validate.target import Target

HTTP_SECONDS = 15.0
ANSWERS = 5
INTERNAL_ERROR = 1011
NO_RELEASE = "without release id"
DEPLOY_STEPS = frozenset({"page", "version", "chunks"})
BAD_OFFER = Offer((SUBPROTOCOL, "jwt.test-token"), {})


async def backend_deployed(target: Target) -> Finding:
    """Ask who answers, several times; one release must serve, started completely."""
    seen: list[str] = []
    async with httpx.AsyncClient(base_url=target.address, timeout=HTTP_SECONDS) as http:
        for _ in range(ANSWERS):
            document = (await http.get("/health")).json()
            release = document.get("releaseId") or NO_RELEASE
            seen.append(f"{document.get('serviceId', 'no service id')} {release}")
        started = await http.get("/health/startup")
    return judged(
        [
            Evidence(
                f"{ANSWERS} answers of one release of netra-backend",
                ", ".join(sorted(set(seen))),
                len(set(seen)) == 1 and seen[0].startswith("netra-backend "),
            ),
            *([] if target.local else [_names_release(seen)]),
            Evidence(
                "the start is complete",
                f"/health/startup answers {started.status_code}",
                started.status_code == httpx.codes.OK,
            ),
        ]
    )


def _names_release(seen: list[str]) -> Evidence:
    """Only a deploy gives an instance its release; the local stack has none."""
    return Evidence("the answers name their release", seen[0], not seen[0].endswith(NO_RELEASE))


async def frontend_deployed(target: Target) -> Finding:
    """Look at the served page: the build of this checkout, revalidated, its chunks immutable."""
    if target.local is not None and not target.local.serves_pages:
        return NotPossible("this stack serves no pages; start it without --no-frontend")
    digest = source_digest(target.root / "frontend") if target.local is not None else ""
    steps = await _bundle(target, digest)
    return judged(_as_evidence(step) for step in steps if step.name in DEPLOY_STEPS)


async def bundle_handshake(target: Target) -> Finding:
    """Find the handshake in the served bundle and make it against the backend."""
    if target.local is not None and not target.local.serves_pages:
        return NotPossible("this stack serves no pages; start it without --no-frontend")
    steps = await _bundle(target, "")
    return judged(_as_evidence(step) for step in steps if step.name not in {"chunks", "version"})


async def _bundle(target: Target, digest: str) -> list[BundleStep]:
    probe = BundleProbe(
        frontend_url=target.frontend_url,
        backend_url=target.address,
        origin=target.origin,
        sign_in=target.tokens.token,
        expected_digest=digest,
    )
    await probe.run()
    return probe.steps


def _as_evidence(step: BundleStep) -> Evidence:
    return Evidence(f"step {step.name} is in order", step.detail, step.passed)


async def authentication(target: Target) -> Finding:
    """A fresh token is accepted from a program and from a page; a bad one refused as documented."""
    good = offer_token(Credential.SUBPROTOCOL, await target.tokens.token())
    url = socket_url(target.address)
    cases = (
        ("a fresh token of a program is accepted", good, None, Verdict.ACCEPTED),
        ("a fresh token of a page is accepted", good, target.origin, Verdict.ACCEPTED),
        ("a bad token is refused as documented", BAD_OFFER, None, Verdict.REFUSED_AS_DOCUMENTED),
        (
            "a page's bad token is refused as documented",
            BAD_OFFER,
            target.origin,
            Verdict.REFUSED_AS_DOCUMENTED,
        ),
    )
    evidence = []
    for demanded, offer, origin, expected in cases:
        report = await ProtocolProbe(url, offer, origin=origin).run()
        last = report.steps[-1]
        target.record.closes.update(report.close_codes)
        seen = f"{report.verdict.value.replace('_', ' ')}: {last.name}: {last.detail}"
        evidence.append(Evidence(demanded, seen, report.verdict is expected))
    return judged(evidence)


async def no_internal_error(target: Target) -> Finding:
    """No socket of the run was closed with 1011, by our own count and by the backend's."""
    closes = target.record.closes
    shown = ", ".join(f"{code}: {count}" for code, count in sorted(closes.items()))
    evidence = [
        Evidence(
            "sockets were opened and closed in this run", shown or "none", bool(closes.total())
        ),
        Evidence(
            "no socket of this run was closed with 1011",
            f"{closes[INTERNAL_ERROR]} of {closes.total()}",
            closes[INTERNAL_ERROR] == 0,
        ),
    ]
    before = target.record.closes_before
    if target.local is not None and before is not None:
        after = await closes_of_backend(target.local.backend_port)
        code = str(INTERNAL_ERROR)
        new = after.get(code, 0.0) - before.get(code, 0.0)
        evidence.append(
            Evidence("the backend's counter of 1011 does not grow", f"{new:+g}", new <= 0)
        )
    return judged(evidence)


ROWS = (
    Row(
        "protocol.backend-deployed",
        "One release of the backend serves",
        backend_deployed,
        command="curl -s {url}/health",
    ),
    Row(
        "protocol.frontend-deployed",
        "The frontend of this release is served, no cached page",
        frontend_deployed,
        command="python scripts/verify_frontend_bundle.py --environment {environment}"
        " --digest sources",
    ),
    Row(
        "protocol.bundle-handshake",
        "The served bundle makes the handshake that the backend accepts",
        bundle_handshake,
        command="python scripts/verify_frontend_bundle.py --environment {environment}",
    ),
    Row(
        "protocol.authentication",
        "Authentication succeeds through the edge",
        authentication,
        command="python scripts/test_websocket_protocol.py --environment {environment}",
    ),
    Row(
        "protocol.no-1011",
        "No close code 1011 anywhere in the run",
        no_internal_error,
        phase=Phase.LAST,
    ),
)
