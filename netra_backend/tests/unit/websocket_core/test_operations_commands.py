"""``operations.subscribe``: for operators, over the same socket, until the socket or they leave."""

from uuid import uuid4

from netra_backend.tests.unit.websocket_core.harness import tokens
from netra_backend.tests.unit.websocket_core.harness.instance import running
from netra_backend.tests.unit.websocket_core.harness.rpc_client import ready
from netra_backend.tests.unit.websocket_core.harness.waiting import until


async def test_others_are_refused(valkey_url: str) -> None:
    async with running(valkey_url) as instance:
        _, token = instance.user()
        async with ready(instance.url, token) as client:
            answer = await client.call("operations.subscribe")
            assert answer["error"]["data"]["code"] == "forbidden"
            assert instance.rooms.watchers == set()


async def test_an_operator_gets_the_fleet_and_then_every_snapshot(
    valkey_url: str,
) -> None:
    async with running(valkey_url) as instance:
        async with ready(instance.url, tokens.issue(roles=["user", "operator"])) as client:
            assert await client.ask("operations.subscribe") == {
                "instances": [],
                "storeUnavailable": False,
            }
            for push in instance.rooms.watchers:
                push({"instances": [], "storeUnavailable": True})
            pushed = await client.notification()
            assert pushed["method"] == "operations.snapshot"
            assert pushed["params"]["storeUnavailable"] is True
            assert await client.ask("operations.unsubscribe") == {}
            assert instance.rooms.watchers == set()
            await client.ask("operations.subscribe")
        await until(lambda: not instance.rooms.watchers)


async def test_a_removed_role_ends_the_view(valkey_url: str) -> None:
    user_id, session_id = uuid4(), uuid4()
    async with running(valkey_url) as instance:
        operator = tokens.issue(user_id, session_id, roles=["user", "operator"])
        async with ready(instance.url, operator) as client:
            await client.ask("operations.subscribe")
            renewed = tokens.issue(user_id, session_id)
            await client.ask("token.refresh", token=renewed)
            for push in instance.rooms.watchers:
                push({"instances": [], "storeUnavailable": False})
            await client.ask("ping")  # a snapshot would have been queued before this answer
            assert "operations.snapshot" not in "".join(text for _, text in client.transcript)
