"""Only the run that ends its process is given up, not the runs beside it."""

from uuid import UUID

from sqlalchemy import func, select, update

from netra_backend.app.db.tables import runs
from netra_backend.tests.unit.runs.verifier import verified
from netra_backend.tests.unit.runs.world import GatedModel, Instance, World, until, user
from netra_shared.auth.tokens import Claims


async def lost_with(world: World, who: Claims, instance: Instance, losses: int) -> UUID:
    """Return the thread of a run whose process was lost ``losses`` times before."""
    thread_id = await world.thread(who)
    run = await instance.say(who, thread_id, "hello")
    async with world.engine.begin() as connection:
        await connection.execute(
            update(runs)
            .where(runs.c.id == run.run_id)
            .values(instance_id="lost", lease_expires_at=func.now(), losses=losses)
        )
    await instance.runs._tasks.kill()
    return thread_id


async def attempts(world: World) -> list[int]:
    async with world.engine.connect() as connection:
        return sorted((await connection.execute(select(runs.c.attempt))).scalars())


async def test_runs_that_were_lost_repeatedly_are_executed_one_at_a_time(world: World) -> None:
    alice = user()
    before = world.instance(GatedModel("never").model())
    threads = [await lost_with(world, alice, before, losses=1) for _ in range(3)]
    gated = GatedModel("done")
    after = world.instance(gated.model())
    assert await after.runs._recovery.sweep() == 1
    assert await after.runs._recovery.sweep() == 0
    assert await attempts(world) == [1, 1, 2]
    for left in (1, 1, 0):
        gated.allow(1)
        await until(lambda: after.runs.active_count == 0)
        assert await after.runs._recovery.sweep() == left
    for thread_id in threads:
        assert verified(await world.watchers.ended(thread_id))[-1]["type"] == "RUN_FINISHED"
    await after.runs.stop()


async def test_runs_of_a_first_loss_are_recovered_together(world: World) -> None:
    alice = user()
    before = world.instance(GatedModel("never").model())
    for _ in range(3):
        await lost_with(world, alice, before, losses=0)
    after = world.instance(GatedModel("never").model())
    assert await after.runs._recovery.sweep() == 3
    await after.runs._tasks.kill()


async def test_the_run_that_was_lost_alone_again_is_given_up(world: World) -> None:
    alice = user()
    before = world.instance(GatedModel("never").model())
    culprit = await lost_with(world, alice, before, losses=2)
    innocent = await lost_with(world, alice, before, losses=1)
    gated = GatedModel("done")
    gated.allow(2)
    after = world.instance(gated.model())
    await after.runs._recovery.sweep()
    assert verified(await world.watchers.ended(innocent))[-1]["type"] == "RUN_FINISHED"
    await until(lambda: after.runs.active_count == 0)
    await after.runs._recovery.sweep()
    assert verified(await world.watchers.ended(culprit))[-1]["code"] == "run_lost"
    await after.runs.stop()
