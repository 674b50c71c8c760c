"""``python -m benchmarks.under_attack``: a bystander's latencies, quiet and during each attack."""

import asyncio
import shutil
import sys
import tempfile
from asyncio.subprocess import PIPE
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from benchmarks.under_attack.attacks import FAMILIES, Target, command_line, standard_input
from benchmarks.under_attack.bystander import Bystander, Measured
from benchmarks.under_attack.model_process import model_process
from benchmarks.under_attack.table import as_markdown, harmed
from netra_client import FixedToken, NetraClient
from netra_ops.stack.attach import running_environment
from netra_shared.stores.database import async_url
from test_framework.platform.people import Person, new_person
from test_framework.platform.stack import Stack, running_stack

RAMP_SECONDS = 2.0  # the attacker's process starts and connects
REST_SECONDS = 5.0  # what an attack left behind is over
THREADS = """
    INSERT INTO netra.threads (id, owner_id, title, updated_at)
    SELECT gen_random_uuid(), cast(:owner AS uuid), 'Plan ' || n, now() - n * interval '1 second'
    FROM generate_series(1, 20000) AS n
"""
MESSAGES = """
    INSERT INTO netra.messages (thread_id, id, position, role, body, text)
    SELECT id, gen_random_uuid(), 1, 'user', '{}', 'the plan of ' || title
    FROM netra.threads WHERE owner_id = :owner
"""
app = typer.Typer(add_completion=False)
EPILOG = """Examples:

  python -m benchmarks.under_attack                       every attack, about two minutes

  python -m benchmarks.under_attack -a pings -a forged    two of them
"""


@app.command(epilog=EPILOG)
def main(
    attack: Annotated[
        list[str] | None, typer.Option("--attack", "-a", help=f"{', '.join(FAMILIES)}. [all]")
    ] = None,
    seconds: Annotated[float, typer.Option(min=1, max=300, help="Of each measurement.")] = 8.0,
) -> None:
    """Attack a platform of its own and print the table. Exit status: 1 when a cell is harmed."""
    names = attack or list(FAMILIES)
    if unknown := set(names) - set(FAMILIES):
        raise typer.BadParameter(f"no such attack: {', '.join(sorted(unknown))}")
    folder = Path(tempfile.mkdtemp(prefix="netra-attack-"))
    folder.chmod(0o711)  # root's PostgreSQL runs as user `nobody`, which must pass through
    try:
        with model_process() as model_url, running_stack(folder, model_url) as stack:
            quiet, measured = asyncio.run(_measure(stack, names, seconds))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    sys.stdout.write(as_markdown(quiet, measured) + "\n")
    broken = harmed(quiet, measured)
    sys.stdout.write(f"harmed: {'; '.join(broken) or 'none'}\n")
    raise typer.Exit(1 if broken else 0)


async def _measure(
    stack: Stack, names: list[str], seconds: float
) -> tuple[Measured, dict[str, Measured]]:
    async with (
        new_person(stack.url) as person,
        NetraClient(stack.url, FixedToken(person.token)) as client,
    ):
        thread = await client.threads.create()
        await client.run(thread.id, "words=3").answer()  # agents serve from here on
        bystander = Bystander(stack.url, person.token, client)
        quiet = await bystander.measure(seconds)
        measured = {}
        for name in names:
            async with new_person(stack.url) as attacker:
                measured[name] = await _during(stack, name, attacker, bystander, seconds)
            await asyncio.sleep(REST_SECONDS)
        return quiet, measured


async def _during(
    stack: Stack, name: str, attacker: Person, bystander: Bystander, seconds: float
) -> Measured:
    if name == "searches":
        await _fill(stack, attacker.user_id)
    target = Target(stack.url, attacker.token, attacker.email)
    process = await asyncio.create_subprocess_exec(*command_line(name), stdin=PIPE)
    assert process.stdin is not None
    process.stdin.write(standard_input(target))
    process.stdin.close()
    try:
        await asyncio.sleep(RAMP_SECONDS)
        assert process.returncode is None, f"the attacker {name} ended"
        sys.stderr.write(f"under_attack: {name}\n")
        return await bystander.measure(seconds)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _fill(stack: Stack, owner: UUID) -> None:
    engine = create_async_engine(async_url(running_environment(stack.paths)["DATABASE_URL"]))
    async with engine.begin() as connection:
        await connection.execute(text(THREADS), {"owner": owner})
        await connection.execute(text(MESSAGES), {"owner": owner})
        for table in ("threads", "messages"):  # as autovacuum does within a minute
            await connection.execute(text(f"ANALYZE netra.{table}"))
    await engine.dispose()


if __name__ == "__main__":
    app()
