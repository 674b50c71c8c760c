"""The Autobahn test suite's own cases, driven by ``kosoku``: the field's judge of RFC 6455.

Left out: 9 (speed and sizes; ``benchmarks/`` measures), 12 and 13 (compression, which is not
offered: an event is smaller than its compressed form).
"""

import pytest
from kosoku import FailureError, run_fuzzingclient
from kosoku._kosoku import CaseResult

from netra_backend.tests.unit.transport.served import Recorder, asgi_echo, served

LEFT_OUT = ["9.*", "12.*", "13.*"]
# UTF-8 is the parser's affair alone; it is judged once, behind the direct receiver.
LEFT_OUT_OF_ASGI = [*LEFT_OUT, "6.*"]
# Bad UTF-8 inside an unfinished frame may be refused at the frame's end: RFC 6455 section 8.1.
LATE_IS_ALLOWED = {"6.4.3", "6.4.4"}


class Echo:
    """Makes a direct receiver for each connection."""

    async def app(self, scope: object, receive: object, send: object) -> None:
        await Recorder(echo=True).app(scope, receive, send)


@pytest.mark.parametrize(
    ("app", "left_out", "count"),  # the count, so that a corpus that shrinks does not pass unseen
    [(asgi_echo, LEFT_OUT_OF_ASGI, 102), (Echo().app, LEFT_OUT, 247)],
    ids=["asgi", "direct"],
)
async def test_every_case_passes(app: object, left_out: list[str], count: int) -> None:
    async with served(app, ws_max_size=1 << 24) as (port, _):  # type: ignore[arg-type]
        try:
            results = await run_fuzzingclient(f"127.0.0.1:{port}", None, left_out, concurrency=8)
        except FailureError as failure:
            results = failure.results
    assert len(results) == count
    assert [_describe(result) for result in results if not _passed(result)] == []


def _passed(result: CaseResult) -> bool:
    verdicts = {result.behavior.value, result.behavior_close.value}
    allowed = {"OK", "INFORMATIONAL"}
    if result.case_id in LATE_IS_ALLOWED:
        allowed.add("NON-STRICT")
    return verdicts <= allowed


def _describe(result: CaseResult) -> str:
    return f"{result.case_id}: {result.behavior.value}, {result.behavior_close.value}"
