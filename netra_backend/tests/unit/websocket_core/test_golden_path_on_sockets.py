"""A whole conversation over a real socket, a real server and a real Valkey."""

from uuid import uuid4

from netra_backend.tests.unit.websocket_core.harness.instance import running
from netra_backend.tests.unit.websocket_core.harness.rpc_client import ready


async def test_message_in_events_out(valkey_url: str) -> None:
    async with running(valkey_url) as instance:
        user_id, token = instance.user()
        thread_id = instance.rooms.thread_of(user_id)
        async with ready(instance.url, token) as client:
            where = await client.ask("thread.subscribe", threadId=str(thread_id))
            assert where == {
                "threadId": str(thread_id),
                "epoch": where["epoch"],
                "offset": 0,
                "recovered": False,
                "reason": "no_position",
                "activeRunId": None,
            }
            started = await client.say(thread_id, "words:3")
            events = await client.events_until("RUN_FINISHED")
        assert [event["offset"] for event in events] == list(range(1, 8))
        assert {event["epoch"] for event in events} == {where["epoch"]}
        assert {event["runId"] for event in events} == {started["runId"]}
        assert [event["event"]["type"] for event in events] == [
            "RUN_STARTED",
            "TEXT_MESSAGE_START",
            *["TEXT_MESSAGE_CONTENT"] * 3,
            "TEXT_MESSAGE_END",
            "RUN_FINISHED",
        ]


async def test_the_same_command_twice_starts_one_run(valkey_url: str) -> None:
    async with running(valkey_url) as instance:
        user_id, token = instance.user()
        thread_id = instance.rooms.thread_of(user_id)
        command = {
            "threadId": str(thread_id),
            "commandId": str(uuid4()),
            "message": {"id": str(uuid4()), "content": "hello"},
        }
        async with ready(instance.url, token) as client:
            first = await client.ask("run.start", **command)
            second = await client.ask("run.start", **command)
        assert first == second
        assert len(instance.rooms.runs) == 1
