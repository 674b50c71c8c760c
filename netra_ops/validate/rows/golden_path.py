"""The golden path with its promised bounds, and ten users who never see each other's events."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from uuid import UUID

import httpx

from netra_client import NetraClient, Outcome, StreamReset, ThreadEvent
from netra_client.timeouts import deadline
from netra_client.token_source import TokenSource
from netra_ops.measure.accounts import SOCKETS_PER_ACCOUNT, signed_in
from netra_ops.validate.evidence import Evidence, Finding, Judged, NotPossible, judged
from netra_ops.validate.row import Phase, Row, Suite
from netra_ops.validate.rows.connections import connect_many, successes
from netra_ops.validate.target import Target

MESSAGE = "What does close code 4413 mean?"  # the operations guide answers it with a tool call
TRIES = 3  # other programs can only make a sign-in slower: the best counts
USERS = 10
HEALTH_REQUESTS = 5
CONNECTIONS = 20
QUICK_FULL_GOLDEN = frozenset({Suite.QUICK, Suite.FULL, Suite.GOLDEN_PATH})


@dataclass(slots=True)
class Answer:
    """One run as its reader saw it; seconds from the moment at which the message was sent."""

    events: list[ThreadEvent]
    first_event: float | None
    whole: float
    outcome: Outcome | None
    resets: int = 0

    @property
    def types(self) -> list[str]:
        """The types of the events, in order."""
        return [event.type for event in self.events]

    @property
    def text(self) -> str:
        """The text that streamed in."""
        deltas = [e.event["delta"] for e in self.events if e.type == "TEXT_MESSAGE_CONTENT"]
        return "".join(str(delta) for delta in deltas)


async def ask(client: NetraClient, thread_id: UUID, seconds: float) -> Answer:
    """Send the message and read its answer to the end.

    Raises:
        DeadlinePassed: not ended within ``seconds``.
    """
    started = time.monotonic()
    first: float | None = None
    events: list[ThreadEvent] = []
    resets = 0
    run = client.run(thread_id, MESSAGE)
    async with deadline("answer", seconds):
        async for item in run:
            if first is None:
                first = time.monotonic() - started
            if isinstance(item, StreamReset):
                resets += 1
            else:
                events.append(item)
    return Answer(events, first, time.monotonic() - started, run.outcome, resets)


async def sign_in_to_socket(target: Target) -> Finding:
    """Measure from the sign-in to the open socket."""
    taken = []
    for _ in range(TRIES):
        started = time.monotonic()
        async with AsyncExitStack() as ends:
            accounts = await ends.enter_async_context(
                signed_in(target.address, target.descriptor, sockets=1, purpose="validate")
            )
            await ends.enter_async_context(NetraClient(target.address, accounts[0]))
            taken.append(time.monotonic() - started)
        if taken[-1] < target.bounds.sign_in_to_socket:
            break
    return judge_sign_in(taken, target.bounds.sign_in_to_socket)


def judge_sign_in(taken: Sequence[float], bound: float) -> Judged:
    """Judge the times of some sign-ins, in seconds, by the best of them."""
    return judged(
        [
            Evidence(
                f"from sign-in to the open socket below {bound:g} s",
                f"{min(taken):.2f} s, best of {len(taken)}",
                min(taken) < bound,
            )
        ]
    )


async def answer_streams(target: Target) -> Finding:
    """Send a message; the answer streams in with a tool call, within its bounds, and is stored."""
    bounds = target.bounds
    async with NetraClient(target.address, target.tokens) as client:
        thread = await client.threads.create("validation: golden path")
        answer = await ask(client, thread.id, bounds.answer)
    async with NetraClient(target.address, target.tokens) as reloaded:
        stored = [message async for message in reloaded.threads.messages(thread.id)]
        await reloaded.threads.delete(thread.id)
    last = stored[-1].text if stored else ""
    return judged([*judge_answer(answer, target), judge_history(answer, len(stored), last)])


def judge_answer(answer: Answer, target: Target) -> Sequence[Evidence]:
    """Judge the events and times of one answer."""
    bounds, first = target.bounds, answer.first_event
    offsets = [event.position.offset for event in answer.events]
    expected = list(range(offsets[0], offsets[0] + len(offsets))) if offsets else []
    ends = (*answer.types[:1], *answer.types[-1:])
    return [
        Evidence(
            f"the first event comes within {bounds.first_event:g} s",
            "no event" if first is None else f"{first:.2f} s",
            first is not None and first < bounds.first_event,
        ),
        Evidence(
            f"the whole answer takes less than {bounds.answer:g} s",
            f"{answer.whole:.2f} s, {len(answer.events)} events",
            answer.whole < bounds.answer and bool(answer.events),
        ),
        Evidence(
            "RUN_STARTED, a tool call, text, RUN_FINISHED",
            f"{' … '.join(ends)}, {answer.types.count('TOOL_CALL_START')} tool calls, "
            f"{len(answer.text)} characters, outcome {answer.outcome}",
            ends == ("RUN_STARTED", "RUN_FINISHED")
            and "TOOL_CALL_START" in answer.types
            and bool(answer.text)
            and answer.outcome is Outcome.SUCCESS,
        ),
        Evidence(
            "offsets without a gap, no event twice",
            f"{len(offsets)} offsets, {answer.resets} resets",
            bool(offsets) and offsets == expected and not answer.resets,
        ),
    ]


def judge_history(answer: Answer, messages: int, last: str) -> Evidence:
    """Judge what a reload finds: the answer, as it streamed in."""
    return Evidence(
        "after a reload the history holds the answer that streamed in",
        f"{messages} messages; the last has {len(last)} of {len(answer.text)} characters",
        bool(last) and answer.text.endswith(last),
    )


async def ten_users(target: Target) -> Finding:
    """Ten accounts talk concurrently; each must receive its own events and no other."""
    if not target.descriptor.is_local:
        return NotPossible("ten accounts are registered on local only; one account is given here")
    async with AsyncExitStack() as ends:
        accounts = await ends.enter_async_context(
            signed_in(
                target.address,
                target.descriptor,
                sockets=USERS * SOCKETS_PER_ACCOUNT,
                purpose="validate-ten",
            )
        )
        found = await asyncio.gather(*(_talk(target, tokens) for tokens in accounts))
    return judge_isolation(list(found))


async def _talk(target: Target, tokens: TokenSource) -> tuple[UUID, Answer]:
    async with NetraClient(target.address, tokens) as client:
        thread = await client.threads.create("validation: ten users")
        answer = await ask(client, thread.id, target.bounds.answer)
        await client.threads.delete(thread.id)
    return thread.id, answer


def judge_isolation(found: list[tuple[UUID, Answer]]) -> Judged:
    """Judge the answers of all users by the thread of each."""
    runs: dict[UUID, set[UUID]] = {
        thread: {event.run_id for event in answer.events} for thread, answer in found
    }
    strangers = [
        event
        for thread, answer in found
        for event in answer.events
        if event.thread_id != thread
        or any(event.run_id in ids for other, ids in runs.items() if other != thread)
    ]
    events = sum(len(answer.events) for _, answer in found)
    done = sum(answer.outcome is Outcome.SUCCESS for _, answer in found)
    return judged(
        [
            Evidence(f"{USERS} users get an answer", f"{done} of {len(found)}", done == USERS),
            Evidence(
                "no event reaches another user",
                f"{len(strangers)} of {events} events",
                not strangers and events > 0,
            ),
        ]
    )


async def health_bound(target: Target) -> Finding:
    """Ask for readiness a few times; the golden path's own bound applies."""
    taken: list[float] = []
    statuses: set[int] = set()
    bound = target.bounds.golden_health
    async with httpx.AsyncClient(base_url=target.address, timeout=bound * 2) as http:
        for _ in range(HEALTH_REQUESTS):
            started = time.monotonic()
            statuses.add((await http.get("/health/ready")).status_code)
            taken.append(time.monotonic() - started)
    return judged(
        [
            Evidence(
                f"health answers below {bound:g} s",
                f"slowest of {len(taken)}: {max(taken) * 1000:.1f} ms, status {sorted(statuses)}",
                max(taken) < bound and statuses == {httpx.codes.OK},
            )
        ]
    )


async def connection_rate(target: Target) -> Finding:
    """Open twenty sockets as a page would."""
    results = await connect_many(target, CONNECTIONS, origin=target.origin)
    return judged([successes(results, target.bounds.connections_percent, "a page's connections")])


ROWS = (
    Row(
        "golden-path.sign-in",
        "From sign-in to an open socket below 2 s",
        sign_in_to_socket,
        suites=QUICK_FULL_GOLDEN,
    ),
    Row(
        "golden-path.answer",
        "The answer streams in with a tool call and is in the history after a reload",
        answer_streams,
        suites=QUICK_FULL_GOLDEN,
        seconds=90.0,
        command="python -m pytest tests/e2e/test_golden_path_complete_user_flow.py -xvs",
    ),
    Row(
        "golden-path.ten-users",
        "Ten users at the same time; no event reaches another user",
        ten_users,
        suites=QUICK_FULL_GOLDEN,
        phase=Phase.LOADED,
        seconds=120.0,
        command="python -m pytest tests/e2e/test_ten_users_isolation.py -xvs",
    ),
    Row(
        "golden-path.health",
        "Health answers below 5 s",
        health_bound,
        suites=frozenset({Suite.GOLDEN_PATH}),
        command='curl -so /dev/null -w "%{time_total}\\n" {url}/health/ready',
    ),
    Row(
        "golden-path.connection-rate",
        "At least 95 % of connections succeed",
        connection_rate,
        suites=frozenset({Suite.GOLDEN_PATH}),
        command="python scripts/websocket_connection_monitor.py --environment {environment}"
        " --duration 60s --success-rate-threshold 95",
    ),
)
