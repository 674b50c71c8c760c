"""Connections are noted in the record of the run."""

from netra_client.tests.unit.wire_server import running_server
from netra_ops.tests.unit.validate.broken import target
from netra_ops.validate.rows.connections import connect_many, percent_ok, successes


async def test_every_connection_is_counted() -> None:
    async with running_server() as wire:
        wire.refusals.append((503, {}, b""))
        place = target(wire.url)
        results = await connect_many(place, 4)
    assert percent_ok(results) == 75.0
    assert sum(sum(pair) for pair in place.record.probes.values()) == 4
    assert place.record.closes == {1000: 3}
    assert not successes(results, 95.0, "connections").holds
    assert successes(results, 75.0, "connections").holds
    assert "refused http_503" in successes(results, 95.0, "connections").seen
