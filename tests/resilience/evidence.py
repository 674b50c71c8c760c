"""Where the timelines are kept."""

from pathlib import Path
from typing import Any

from tests.resilience.timeline import Timeline

EVIDENCE = Path(__file__).parents[2] / "reports" / "readiness"


def keep(timeline: Timeline, name: str, **facts: Any) -> None:
    """Write the run called ``name`` with what was found out about it."""
    timeline.write(EVIDENCE / f"{name}.json", fault=name, **facts)
