"""A language model behind NETRA_MODEL and its base URL, over real HTTP."""

from netra_backend.app.agents.model_choice import choose_model
from netra_backend.tests.unit.agents.openai_server import calls, openai_server, says
from netra_backend.tests.unit.runs.verifier import verified
from netra_backend.tests.unit.runs.world import World, user


async def test_an_openai_compatible_server_answers_with_a_tool_call_and_history(
    world: World,
) -> None:
    alice = user("operator")
    thread_id = await world.thread(alice)
    async with openai_server(
        says("Hello ", "Alice."),
        calls("explain_code", {"code": "run_busy"}),
        says("It is ", "busy."),
    ) as server:
        choice = choose_model("llama3:8b", base_url=server.base_url, api_key="local-key")
        async with world.serving(choice) as instance:
            await instance.say(alice, thread_id, "I am Alice.")
            await world.watchers.ended(thread_id)
            await world.free(thread_id)
            await instance.say(alice, thread_id, "What is run_busy?")
            events = verified(await world.watchers.ended(thread_id, runs=2))
            await world.free(thread_id)
    assert set(server.keys) == {"bearer local-key"}
    assert {request["model"] for request in server.requests} == {"llama3:8b"}
    second = server.requests[1]["messages"]
    assert [message["role"] for message in second] == ["system", "user", "assistant", "user"]
    assert [message["content"] for message in second[1:]] == [
        "I am Alice.",
        "Hello Alice.",
        "What is run_busy?",
    ]
    result = next(event for event in events if event["type"] == "TOOL_CALL_RESULT")
    assert "The thread has an active run" in result["content"]
    assert events[-1]["usage"] == [
        {
            "provider": "openai",
            "model": "llama3:8b",
            "inputTokens": 22,
            "outputTokens": 8,
            "totalTokens": 30,
        }
    ]
    run = await world.run_of(alice, thread_id)
    assert (run.model, run.usage) == ("llama3:8b", events[-1]["usage"])
    assert (await world.stored(alice, thread_id))[-1]["content"] == "It is busy."


async def test_what_a_provider_says_when_it_refuses_stays_here(world: World) -> None:
    alice = user()
    thread_id = await world.thread(alice)
    async with (
        openai_server(401) as server,
        world.serving(choose_model("m", base_url=server.base_url)) as instance,
    ):
        await instance.say(alice, thread_id, "hello")
        raw = await world.watchers.ended(thread_id)
        await world.free(thread_id)
    events = verified(raw)
    assert (events[-1]["type"], events[-1]["code"]) == ("RUN_ERROR", "model_refused")
    assert b"10.0.0.7" not in b"".join(raw)
    assert b"sk-123" not in b"".join(raw)
    assert (await world.run_of(alice, thread_id)).error_code == "model_refused"


async def test_a_server_that_is_not_there_is_unavailable(world: World) -> None:
    alice = user()
    thread_id = await world.thread(alice)
    async with openai_server(200) as server:
        gone = server.base_url
    async with world.serving(choose_model("m", base_url=gone)) as instance:
        await instance.say(alice, thread_id, "hello")
        events = verified(await world.watchers.ended(thread_id))
        await world.free(thread_id)
    assert events[-1]["code"] == "model_unavailable"
