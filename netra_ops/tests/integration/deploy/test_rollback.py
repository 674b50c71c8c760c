"""Rollbacks of a small platform on the local Cloud Run, with open sockets."""

import asyncio

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from netra_ops.deploy.ledger.release import Outcome
from netra_ops.tests.integration.deploy.small_cloud import DEADLINE, TOKEN, SmallCloud

LATEST = {None: 100}
SOCKETS = 50
SERVICE_RESTART = 1012
BROKEN = ("--break-lock", "the rollback was killed")


async def opened(cloud: SmallCloud) -> ClientConnection:
    offered = [Subprotocol("jwt-auth"), Subprotocol(f"jwt.{TOKEN}")]
    return await connect(f"{cloud.url.replace('http', 'ws')}/ws", subprotocols=offered)


async def close_code(socket: ClientConnection) -> int:
    try:
        await socket.recv()
    except ConnectionClosed as error:
        return error.rcvd.code if error.rcvd else 1006
    raise AssertionError("the small service sends nothing unasked")


async def test_a_rollback_takes_traffic_and_sockets_back(cloud: SmallCloud) -> None:
    for build in ("v2", "v3"):
        deployed = await asyncio.to_thread(cloud.deploy, cloud.image(build))
        assert deployed.returncode == 0, deployed.stderr
    first, second, third = cloud.ledger.releases
    sockets = [await opened(cloud) for _ in range(SOCKETS)]

    shown = await asyncio.to_thread(cloud.run, "rollback", "--dry-run")
    assert shown.returncode == 0, shown.stderr
    assert second.services[0].revision in shown.stdout
    assert cloud.build_at() == "v3"
    with cloud.started("rollback") as killed:  # the next one has the same goal
        await asyncio.to_thread(killed.wait_for, "confirm")
        killed.kill()
    back = await asyncio.to_thread(cloud.run, "rollback", *BROKEN)

    assert back.returncode == 0, back.stderr
    assert cloud.build_at() == "v2"
    assert cloud.traffic == LATEST
    assert cloud.next_image == second.services[0].image
    async with asyncio.timeout(DEADLINE):
        codes = await asyncio.gather(*(close_code(socket) for socket in sockets))
    assert set(codes) == {SERVICE_RESTART}
    outcomes = {one.id: one.outcome for one in cloud.ledger.releases}
    assert outcomes[second.id] is Outcome.VERIFIED
    assert outcomes[third.id] is Outcome.ROLLED_BACK

    no_other = await asyncio.to_thread(cloud.run, "rollback")
    assert no_other.returncode == 1
    assert "no other verified release is on record" in no_other.stderr
    adopted = first.services[0].revision
    unverified = await asyncio.to_thread(cloud.run, "rollback", "--revision", adopted)
    assert unverified.returncode == 1
    assert "not verified" in unverified.stderr
    assert cloud.build_at() == "v2"
