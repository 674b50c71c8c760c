"""Distinguishes an outage of a dependency from an isolated instance, by the reports of the others.

Each instance reports to Valkey once a second when the last passing run of each of its checks
started. An instance for which a shared dependency fails is isolated if more than half of the other
instances have reached that dependency since. It then becomes unready, because the others serve. No
outage can empty the fleet this way. If a check fails on all instances, none reports it as passing.
An instance leaves only while more than half of the others serve, so fewer than half can leave.
Without Valkey there are no reports, and every instance stays. This is the idea of Envoy's panic
threshold, applied where the decision is made. All times are of the Valkey server's clock, so the
clocks of the instances need not agree.
"""

import asyncio
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from redis.asyncio import Redis
from redis.exceptions import RedisError

from netra_shared.health.state import CheckState
from netra_shared.logging import get_logger

REPORT_SECONDS = 1.0  # between two exchanges
EXCHANGE_SECONDS = 2.0  # deadline of one exchange
# A report and its conclusions expire after this time: more than two lost exchanges, less than the 8
# s budget.
BELIEVED_SECONDS = 5.0

# KEYS: the service's hash. ARGV: instance, 1 when serving or 0 when leaving, JSON {check: age of
# the run that passed}, seconds to keep. Returns: server time, then instance and report in turn.
_EXCHANGE = """
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local passed = {}
for check, age in pairs(cjson.decode(ARGV[3])) do passed[check] = now - age end
redis.call('HSET', KEYS[1], ARGV[1],
  cjson.encode({at = now, serving = ARGV[2] == '1', passed = passed}))
redis.call('EXPIRE', KEYS[1], 60)
local answer = {tostring(now)}
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  if now - cjson.decode(all[i + 1]).at > tonumber(ARGV[4]) then
    redis.call('HDEL', KEYS[1], all[i])
  elseif all[i] ~= ARGV[1] then
    answer[#answer + 1] = all[i + 1]
  end
end
return answer
"""

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class PeerReport:
    """The report of another instance.

    Args:
        serving: it is ready.
        passed: when the last passing run of each check started, on the server's clock.
    """

    serving: bool
    passed: Mapping[str, float]


def isolated_checks(fallen: Mapping[str, float], peers: Iterable[PeerReport]) -> frozenset[str]:
    """Return the checks of ``fallen`` that more than half of ``peers`` have passed since.

    Args:
        fallen: when each check that fails on this instance failed first, on the server's clock.
        peers: the reports of the other instances.
    """
    others = list(peers)
    return frozenset(
        name
        for name, fell_at in fallen.items()
        if 2 * sum(peer.serving and peer.passed.get(name, 0.0) > fell_at for peer in others)
        > len(others)
    )


class Fleet:
    """The exchange of this instance with the others.

    Args:
        valkey: the service's client.
        service: the service whose instances exchange reports.
        instance: the id of this instance.
    """

    def __init__(self, valkey: Redis, *, service: str, instance: str) -> None:
        self._valkey = valkey
        self._key = f"netra:readiness:fleet:{service}"
        self._instance = instance
        self._exchange = valkey.register_script(_EXCHANGE)
        self._isolated: frozenset[str] = frozenset()
        self._believed_until = 0.0

    def isolated(self) -> frozenset[str]:
        """Return the checks that fail on this instance only, as of the last exchange."""
        if asyncio.get_running_loop().time() > self._believed_until:
            return frozenset()
        return self._isolated

    async def exchange(self, states: Mapping[str, CheckState], *, serving: bool) -> None:
        """Write the report, read those of the others, and update the conclusion.

        A failure only ages the last conclusion. It is logged at debug level, since the check of
        Valkey reports it.
        """
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(EXCHANGE_SECONDS):
                answer = await self._exchange(
                    keys=[self._key],
                    args=[
                        self._instance,
                        int(serving),
                        json.dumps(_ages_of_passes(states, loop.time())),
                        BELIEVED_SECONDS,
                    ],
                )
        except (RedisError, OSError, TimeoutError) as error:
            _log.debug("no exchange with the other instances", error=str(error))
            return
        now = float(answer[0])
        fallen = {
            name: now - (loop.time() - state.changed_at)
            for name, state in states.items()
            if state.passing is False
        }
        self._isolated = isolated_checks(fallen, [_parse(report) for report in answer[1:]])
        self._believed_until = loop.time() + BELIEVED_SECONDS

    async def leave(self, timeout_seconds: float) -> None:
        """Delete the report of this instance within ``timeout_seconds``; otherwise it expires."""
        try:
            async with asyncio.timeout(timeout_seconds):
                await self._valkey.hdel(self._key, self._instance)
        except (RedisError, OSError, TimeoutError) as error:
            _log.debug("the report stays until it expires", error=str(error))


def _ages_of_passes(states: Mapping[str, CheckState], now: float) -> dict[str, float]:
    return {
        name: now - (state.last.finished_at - state.last.elapsed_seconds)
        for name, state in states.items()
        if state.passing and state.last is not None and state.last.passed
    }


def _parse(report: bytes | str) -> PeerReport:
    document = json.loads(report)
    return PeerReport(serving=document["serving"], passed=document["passed"])
