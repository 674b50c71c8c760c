"""Every kind of work, as short as it gets, on the contestants that need nothing of npm."""

from benchmarks.contestants import BY_NAME
from benchmarks.report import FIGURES
from benchmarks.run import WORKS, run


async def test_every_work_measures_what_it_promises() -> None:
    contestants = [BY_NAME["direct"], BY_NAME["gateway"]]
    steps: list[str] = []
    found = await run(
        contestants, list(WORKS), rounds=1, seconds=0.2, crowd=20, core=None, progress=steps.append
    )
    for work, columns in FIGURES.items():
        for contestant in contestants:
            if work in contestant.work:
                for figure, _ in columns:
                    value = found.value(work, contestant.name, figure)
                    assert value is not None, (work, contestant.name, figure)
                    assert value > 0 or work == "memory", (work, contestant.name, figure)
    assert "echo: round 1, gateway" in steps
