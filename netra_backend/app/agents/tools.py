"""The tools of Netra's agents. Each call is a span and a log event; none returns a secret."""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, field
from uuid import UUID

from pydantic import JsonValue
from pydantic_ai import DeferredToolRequests, RunContext, Tool
from pydantic_ai.tools import ToolDefinition

from netra_backend.app.agents.compaction import Compaction
from netra_backend.app.agents.ports import OperationsView
from netra_backend.app.agents.token_report import report_on
from netra_backend.app.runs.journal import RunJournal
from netra_shared.errors import NetraError
from netra_shared.logging import get_logger
from netra_shared.runtime.swallow import swallowed
from netra_shared.telemetry import span

OPERATOR_ROLE = "operator"
SIDE_EFFECTS = "side_effects"  # key in a tool's metadata; recovery never repeats such a call
MAX_QUERY_CHARACTERS = 200

_log = get_logger(__name__)

Result = dict[str, JsonValue]
Answer = str | DeferredToolRequests
"""The result of a run: a text, or calls that require a person's approval."""


@dataclass(frozen=True, slots=True)
class AgentDeps:
    """The dependencies of one run's tools.

    ``tokens`` are the access tokens of the message; ``repr`` omits them, and a recovered run has
    none. ``journal`` is None during the warm-up. ``compaction``: of a long thread.
    """

    user_id: UUID
    roles: tuple[str, ...]
    operations: OperationsView
    issuer: str
    audience: str
    tokens: tuple[str, ...] = field(default=(), repr=False)
    tokens_lost: bool = False
    journal: RunJournal | None = field(default=None, repr=False)
    compaction: Compaction | None = field(default=None, repr=False)

    @property
    def is_operator(self) -> bool:
        """Return whether the user may read the platform's data."""
        return OPERATOR_ROLE in self.roles


def refusal(subject: str) -> Result:
    """Return the tool result for a user who may not read ``subject``."""
    return {
        "refused": True,
        "reason": f"Only people with the role `operator` may see {subject}. "
        "An administrator can grant it: `netra users grant EMAIL operator`.",
    }


async def read_readiness(context: RunContext[AgentDeps]) -> Result:
    """Read the platform's readiness; operators also see each dependency check and its budget."""
    operations = context.deps.operations
    if context.deps.is_operator:
        return await _operations_data(context, "read_readiness", "readiness", operations.readiness)

    async def status() -> Result:
        snapshot = await operations.readiness()
        # `/health/ready` shows the status to everyone; its details are for operators.
        shown: Result = {"status": snapshot.get("status"), "details": "for operators only"}
        return {"readiness": shown}

    return await _measured("read_readiness", status)


async def list_connections(context: RunContext[AgentDeps]) -> Result:
    """Count this instance's WebSocket connections by state, and recent closes by code."""
    return await _operations_data(
        context, "list_connections", "connections", context.deps.operations.connections
    )


async def stop_long_runs(context: RunContext[AgentDeps], minutes: int) -> Result:
    """Stop every run older than `minutes`, on all instances. A person approves the call.

    Args:
        context: the run.
        minutes: at least 1.
    """

    async def stop() -> Result:
        seconds = max(minutes, 1) * 60.0
        count = await context.deps.operations.stop_runs(older_than_seconds=seconds)
        return {"stopped": count, "minutes": max(minutes, 1)}

    return await _measured("stop_long_runs", stop)


async def only_for_operators(
    context: RunContext[AgentDeps], tool: ToolDefinition
) -> ToolDefinition | None:
    """Offer the tool to operators only: others would approve a call that is then refused."""
    return tool if context.deps.is_operator else None


async def explain_code(context: RunContext[AgentDeps], code: str) -> Result:
    """Explain a WebSocket close code, a JSON-RPC error number or an error code.

    Args:
        context: the run.
        code: for example `4401`, `-32003` or `run_busy`.
    """
    asked = code[:MAX_QUERY_CHARACTERS]

    async def explain() -> Result:
        known = await context.deps.operations.explain_code(asked)
        return {"found": False, "code": asked} if known is None else {**known, "found": True}

    return await _measured("explain_code", explain)


async def check_access_token(context: RunContext[AgentDeps]) -> Result:
    """Decode and judge the access tokens in the user's last message. They are never shown."""
    deps = context.deps

    async def check() -> Result:
        if deps.tokens_lost:
            return {
                "failed": True,
                "reason": "Another instance continued this answer, and access tokens are not "
                "stored: send the token again.",
            }
        reports: list[JsonValue] = [
            report_on(token, issuer=deps.issuer, audience=deps.audience, now=time.time())
            for token in deps.tokens
        ]
        return {"tokens": reports}

    return await _measured("check_access_token", check)


async def search_runbook(context: RunContext[AgentDeps], query: str) -> Result:
    """Search the runbook: close codes, sign-in, readiness, deploys, rollback, outages, drain.

    Args:
        context: the run.
        query: words to look for.
    """

    async def search() -> Result:
        hits = await context.deps.operations.search_runbook(query[:MAX_QUERY_CHARACTERS])
        return {"hits": [asdict(hit) for hit in hits]}

    return await _measured("search_runbook", search)


def agent_tools() -> list[Tool[AgentDeps]]:
    """Return the tools, in the order in which a model sees them."""
    functions = (
        read_readiness,
        list_connections,
        explain_code,
        check_access_token,
        search_runbook,
    )
    stop: Tool[AgentDeps] = Tool(
        stop_long_runs,
        takes_ctx=True,
        requires_approval=True,
        prepare=only_for_operators,
        metadata={SIDE_EFFECTS: True},
    )
    return [*(Tool(function, takes_ctx=True) for function in functions), stop]


async def _operations_data(
    context: RunContext[AgentDeps],
    tool: str,
    subject: str,
    read: Callable[[], Awaitable[Mapping[str, JsonValue]]],
) -> Result:
    async def ask() -> Result:
        if not context.deps.is_operator:
            _log.info("tool refused", tool=tool, user_id=str(context.deps.user_id))
            return refusal(f"the platform's {subject}")
        return {subject: dict(await read())}

    return await _measured(tool, ask)


async def _measured(tool: str, work: Callable[[], Awaitable[Result]]) -> Result:
    """Execute a tool. Its failure is a result for the model and does not end the run."""
    started = time.perf_counter()
    result: Result = {"failed": True, "reason": f"`{tool}` could not read its data."}
    with span("agent.tool", tool=tool):
        with swallowed(_log, "tool_failed", NetraError):
            result = await work()
        elapsed_ms = round((time.perf_counter() - started) * 1000, 1)
        _log.info("tool called", tool=tool, elapsed_ms=elapsed_ms)
    return result
