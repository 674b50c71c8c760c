"""The drill against a platform that works; one that does not is in rows/test_operations.py."""

from netra_client.tests.unit.wire_server import running_server
from netra_client.token_source import FixedToken
from netra_ops.validate.alert_drill import SIGNAL, run_drill


async def test_the_alert_is_raised_sent_once_and_resolved() -> None:
    async with running_server() as wire:
        drill = await run_drill(wire.url, FixedToken("t1"))
    assert (drill.failed, drill.succeeded) == (3, 3)
    assert (drill.fired, drill.resolved) == ([SIGNAL], [SIGNAL])
    assert [one.split("]")[0] for one in drill.messages] == ["[FIRING", "[RESOLVED"]
