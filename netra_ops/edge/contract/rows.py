"""One line of evidence each: what was sent, what arrived, whether the contract holds."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from netra_ops.edge.contract.arrival import Arrival, Outcome, Refusal, Secret, Sent, is_same
from netra_shared.http.edge_headers import CONTRACT

FORGED = "forged"
_REGION = re.compile(r"^([A-Z]{2}|)$")
_ADDRESS = re.compile(r"^[0-9a-fA-F.:]{3,45}$")
_TLS = re.compile(r"^(TLSv1\.[23]|)$")


@dataclass(frozen=True)
class Row:
    """One judgement.

    Attributes:
        group: what was tried.
        door: which way in.
        name: the header or the attempt.
        passed: None when it cannot be judged here.
        sent: without secrets.
        arrived: without secrets.
    """

    group: str
    door: str
    name: str
    passed: bool | None
    sent: str
    arrived: str


def shown(name: str, value: str) -> str:
    """Return a sent value for the table."""
    if name.lower() in CONTRACT.never_logged:
        return f"(secret, {len(value)} characters)"
    return value if len(value) <= 48 else f"{value[:40]}… ({len(value)} characters)"  # noqa: PLR2004


def listed(values: Sequence[str | Secret]) -> str:
    """Return arrived values for the table."""
    texts = [(shown("", v) or "(empty)") if isinstance(v, str) else str(v) for v in values]
    return ", ".join(texts) or "nothing"


def forwarded(group: str, door: str, sent: Sent, outcome: Outcome) -> list[Row]:
    """Judge that each header arrived once and unchanged."""
    rows: list[Row] = []
    for name, value in sent:
        values = [] if isinstance(outcome, Refusal) else outcome.values(name.lower())
        arrived = str(outcome) if isinstance(outcome, Refusal) else listed(values)
        passed = len(values) == 1 and is_same(values[0], value)
        arrived = "unchanged" if passed else arrived
        rows.append(Row(group, door, name, passed, shown(name, value), arrived))
    return rows


def added(door: str, outcome: Outcome, *, secure: bool) -> list[Row]:
    """Judge what the edge says about the client."""
    if isinstance(outcome, Refusal):
        return [Row("added", door, "all", False, "", str(outcome))]
    expected: dict[str, Callable[[str], bool]] = {
        "x-netra-client-ip": lambda v: bool(_ADDRESS.match(v)),
        "x-netra-client-region": lambda v: bool(_REGION.match(v)),
        "x-netra-client-encrypted": lambda v: v == str(secure).lower(),
        "x-netra-tls-version": lambda v: bool(_TLS.match(v)) and bool(v) == secure,
    }
    rows = [Row("added", door, "peer", outcome.from_edge, "", _peer(outcome))]
    for name in CONTRACT.added:
        values = outcome.values(name)
        holds = expected.get(name)
        once = len(values) == 1 and isinstance(values[0], str)
        passed = once and (holds is None or holds(str(values[0])))
        rows.append(Row("added", door, name, passed, "nothing", listed(values)))
    for name in CONTRACT.platform:
        values = outcome.values(name)
        rows.append(Row("added", door, name, bool(values), "nothing", listed(values)))
    return rows


def _peer(outcome: Arrival) -> str:
    return "the service knows its peer as the edge" if outcome.from_edge else "peer is not trusted"


def forgery(door: str, sent: Sent, outcome: Outcome) -> list[Row]:
    """Judge that nothing of what only the edge may say survived, in any case of its letters."""
    if isinstance(outcome, Refusal):
        return [Row("forgery", door, "all", False, "", str(outcome))]
    rows: list[Row] = []
    for name in dict.fromkeys(key.lower() for key, _ in sent):
        values = outcome.values(name)
        survived = any(isinstance(v, str) and FORGED in v for v in values) or any(
            isinstance(v, Secret) for v in values
        )
        passed = not survived and len(values) == (1 if name in CONTRACT.added else 0)
        arrived = listed(values)
        if name in outcome.dropped:
            passed, arrived = False, "let through by the edge, refused by the service"
        spellings = sum(key.lower() == name for key, _ in sent)
        rows.append(Row("forgery", door, name, passed, f"in {spellings} spellings", arrived))
    return rows


def gone(group: str, door: str, names: Sequence[str], outcome: Outcome) -> list[Row]:
    """Judge that headers did not arrive."""
    if isinstance(outcome, Refusal):
        return [Row(group, door, "all", False, "", str(outcome))]
    return [
        Row(group, door, name, not outcome.values(name), "sent", listed(outcome.values(name)))
        for name in names
    ]


def chain(door: str, claim: str, outcome: Outcome) -> Row:
    """Judge X-Forwarded-For: the client's claim first, then the client, then the edge."""
    if isinstance(outcome, Refusal):
        return Row("addresses", door, "x-forwarded-for", False, claim, str(outcome))
    joined = ",".join(v for v in outcome.values("x-forwarded-for") if isinstance(v, str))
    entries = [entry.strip() for entry in joined.split(",") if entry.strip()]
    passed = len(entries) >= 3 and entries[0] == claim and claim not in entries[1:]  # noqa: PLR2004
    return Row("addresses", door, "x-forwarded-for", passed, claim, joined or "nothing")


def refused(group: str, door: str, name: str, sent: str, outcome: Outcome) -> Row:
    """Judge that an attempt was refused as the client's fault, not served and not a 5xx."""
    status = outcome.status if isinstance(outcome, Refusal) else None
    passed = status is not None and (status == 0 or 400 <= status < 500)  # noqa: PLR2004
    arrived = str(outcome) if isinstance(outcome, Refusal) else "was served"
    return Row(group, door, name, passed, sent, arrived)
