"""Which tools answer a question: fixed rules over its words, no model."""

import re
from dataclasses import dataclass

from netra_backend.app.runs.credential_redaction import PLACEHOLDER

MAX_CODES = 3
STOP_RUNS = "stop_long_runs"

# WebSocket close codes (RFC 6455 section 7.4: 1000-4999, ours are 44xx and 45xx), JSON-RPC
# error numbers, and error codes in snake case.
_CLOSE_CODE = re.compile(r"(?<![\w.-])(1\d{3}|4[45]\d{2})(?!\w|\.\d)")
_RPC_NUMBER = re.compile(r"(?<![\w])-32\d{3}(?!\d)")
_ERROR_CODE = re.compile(r"(?<![\w/.-])[a-z]+(?:_[a-z]+)+(?![\w/.-])")

_READINESS = re.compile(r"(?i)\b(read(y|iness)|health(y)?|degraded|status of|dependenc\w+|alive)\b")
_CONNECTIONS = re.compile(
    r"(?i)\b(connections|connected|open sockets|how many (users|sockets|clients))\b"
)
_GUIDANCE = re.compile(
    r"(?i)\b(how|why|what (do|should|can|is|are|happens)|when|roll ?back|deploy\w*|fix|runbook|"
    r"outage|drain\w*|slow|refused|fail\w*|error)\b"
)
_STOP_RUNS = re.compile(r"(?i)\b(stop|end|cancel|kill)\b.*\bruns?\b")
_MINUTES = re.compile(r"(?i)(\d{1,4})\s*min")
DEFAULT_MINUTES = 10
_GREETING = re.compile(r"(?i)^\W*(hi|hello|hey|help|thanks?( you)?|good (morning|evening|day))\W*$")


@dataclass(frozen=True, slots=True)
class ToolStep:
    """One tool call: the tool's name and its arguments."""

    tool: str
    arguments: dict[str, str | int]


@dataclass(frozen=True, slots=True)
class Plan:
    """What to call, and why; the reasons are shown as the agent's reasoning."""

    steps: tuple[ToolStep, ...]
    reasons: tuple[str, ...]


def make_plan(question: str) -> Plan:
    """Return the tool calls that can answer ``question``; none for a greeting."""
    if _GREETING.match(question) or not question.strip():
        return Plan((), ("This is a greeting; I introduce myself.",))
    steps: list[ToolStep] = []
    reasons: list[str] = []
    if PLACEHOLDER in question:
        steps.append(ToolStep("check_access_token", {}))
        reasons.append("The message held an access token: decode its claims and judge them.")
    for code in codes_in(question):
        steps.append(ToolStep("explain_code", {"code": code}))
        reasons.append(f"`{code}` looks like a code: look it up.")
    if _READINESS.search(question):
        steps.append(ToolStep("read_readiness", {}))
        reasons.append("It asks about readiness: read the current snapshot.")
    if _CONNECTIONS.search(question):
        steps.append(ToolStep("list_connections", {}))
        reasons.append("It asks about connections: count those of this instance.")
    if _STOP_RUNS.search(question):
        minutes = int(found[1]) if (found := _MINUTES.search(question)) else DEFAULT_MINUTES
        steps.append(ToolStep(STOP_RUNS, {"minutes": minutes}))
        reasons.append(f"It asks to stop runs: those older than {minutes} minutes, if approved.")
    if not steps or _GUIDANCE.search(question):
        query = question.replace(PLACEHOLDER, "").strip()
        if query:
            steps.append(ToolStep("search_runbook", {"query": query[:200]}))
            reasons.append("The runbook may have a page on it: search there.")
    return Plan(tuple(steps), tuple(reasons))


def codes_in(question: str) -> tuple[str, ...]:
    """Return the codes named in ``question``, each once, in order of appearance."""
    found = [
        (match.start(), match[0])
        for pattern in (_CLOSE_CODE, _RPC_NUMBER, _ERROR_CODE)
        for match in pattern.finditer(question)
    ]
    return tuple(dict.fromkeys(code for _, code in sorted(found)))[:MAX_CODES]
