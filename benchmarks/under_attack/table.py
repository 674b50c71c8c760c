"""The table: a row for each attack, with p50 and p99 of each kind of request."""

from collections.abc import Mapping

from benchmarks.under_attack.bystander import KINDS, Measured, Samples

BOUND = 3.0  # times the quiet p99
FLOOR_MS = 50.0  # a p99 below it is no harm: the bound of a ping under a flood, by the issue


def is_harmed(quiet: Samples, during: Samples) -> bool:
    """Return whether a request failed, or the p99 is above the bound and the floor."""
    before, after = quiet.quantile(99), during.quantile(99)
    if during.failures or before is None or after is None:
        return True
    return after > max(BOUND * before, FLOOR_MS)


def as_markdown(quiet: Measured, attacks: Mapping[str, Measured]) -> str:
    """Return the table; a harmed cell is bold."""
    rows = [
        "| attack | " + " | ".join(f"{kind} p50 / p99 ms" for kind in KINDS) + " |",
        "|---|" + "---|" * len(KINDS),
        "| quiet | " + " | ".join(_cell(quiet[kind]) for kind in KINDS) + " |",
    ]
    for name, measured in attacks.items():
        cells = []
        for kind in KINDS:
            cell = _cell(measured[kind])
            cells.append(f"**{cell}**" if is_harmed(quiet[kind], measured[kind]) else cell)
        rows.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(rows)


def harmed(quiet: Measured, attacks: Mapping[str, Measured]) -> list[str]:
    """Return attack and kind of every cell that is above its bound."""
    return [
        f"{name}: {kind}"
        for name, measured in attacks.items()
        for kind in KINDS
        if is_harmed(quiet[kind], measured[kind])
    ]


def _cell(samples: Samples) -> str:
    middle, worst = samples.quantile(50), samples.quantile(99)
    text = "none" if middle is None or worst is None else f"{middle:.1f} / {worst:.1f}"
    return f"{text}, {samples.failures} failed" if samples.failures else text
