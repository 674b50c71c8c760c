"""The leases of a dead owner end immediately; those of a living one are not touched."""

from netra_backend.app.worker.lease_expiry import expire_leases
from netra_backend.tests.unit.runs.world import GatedModel, World, user, world_on


async def test_only_the_dead_owners_runs_are_freed(migrated_postgres_url: str) -> None:
    async with world_on(migrated_postgres_url) as world:
        await check(world)


async def check(world: World) -> None:
    who = user()
    models = GatedModel("one ", "two"), GatedModel("one ", "two")
    dead, living = (world.instance(model.model()) for model in models)
    lost, kept = await world.thread(who), await world.thread(who)
    await dead.say(who, lost, "hello")
    await living.say(who, kept, "hello")
    assert await expire_leases(world.engine, dead.runs.owner) == 1
    assert await world.lease_is_over(lost)
    assert not await world.lease_is_over(kept)
    assert await expire_leases(world.engine, dead.runs.owner) == 0
    for model in models:
        model.allow(2)
    await dead.runs.stop()
    await living.runs.stop()
