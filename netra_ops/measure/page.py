"""Self-contained HTML: tables and line charts as inline SVG, without scripts. Pure."""

from collections.abc import Mapping, Sequence
from html import escape

WIDTH = 720
HEIGHT = 160
MARGIN = 44
COLOURS = ("#2563eb", "#d97706", "#dc2626", "#059669", "#7c3aed")
STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem;
  color: #111; background: #fff }
@media (prefers-color-scheme: dark) { body { color: #eee; background: #111 } td, th { border-color:
  #444 !important } svg text { fill: #bbb } }
table { border-collapse: collapse; margin: 1rem 0 } td, th { border: 1px solid #ccc; padding: .3rem
  .6rem; text-align: left; vertical-align: top } .number { text-align: right }
.passed { color: #059669 } .failed { color: #dc2626 } figure { margin: 1.5rem 0 }
svg { width: 100%; height: auto } pre { white-space: pre-wrap }
"""

Points = Sequence[tuple[float, float]]


def page(title: str, verdict: str, *, passed: bool, parts: Sequence[str]) -> str:
    """Return a whole document; ``parts`` are HTML already."""
    kind = "passed" if passed else "failed"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>"
        f'<h1>{escape(title)}</h1><p class="{kind}"><strong>{escape(verdict)}</strong></p>'
        f"{''.join(parts)}</body></html>\n"
    )


def table(heading: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a heading and a table; numbers are aligned to the right."""
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in columns)
    body = "".join(f"<tr>{''.join(_cell(value) for value in row)}</tr>" for row in rows)
    return f"<h2>{escape(heading)}</h2><table><thead><tr>{head}</tr></thead>{body}</table>"


def chart(heading: str, unit: str, series: Mapping[str, Points]) -> str:
    """Return a line chart over seconds; a series without points is left out."""
    drawn = {name: points for name, points in series.items() if points}
    if not drawn:
        return f"<h2>{escape(heading)}</h2><p>No samples.</p>"
    longest = max(x for points in drawn.values() for x, _ in points) or 1.0
    highest = max(y for points in drawn.values() for _, y in points) or 1.0
    lines = []
    for number, (name, points) in enumerate(drawn.items()):
        colour = COLOURS[number % len(COLOURS)]
        path = " ".join(
            f"{MARGIN + x / longest * (WIDTH - MARGIN):.1f},{HEIGHT - y / highest * HEIGHT:.1f}"
            for x, y in points
        )
        place = 90 * number + MARGIN
        lines.append(
            f'<polyline fill="none" stroke="{colour}" stroke-width="1.5" points="{path}"/>'
            f'<text x="{place}" y="{HEIGHT + 32}" fill="{colour}">{escape(name)}</text>'
        )
    return (
        f'<figure><figcaption><h2>{escape(heading)}</h2></figcaption><svg role="img" '
        f'aria-label="{escape(heading)}" viewBox="0 -12 {WIDTH} {HEIGHT + 52}" font-size="11">'
        f'<text x="0" y="0">{highest:.4g} {escape(unit)}</text><text x="0" y="{HEIGHT}">0</text>'
        f'<text x="{WIDTH - 60}" y="{HEIGHT + 16}">{longest:.0f} s</text>'
        f'<line x1="{MARGIN}" y1="{HEIGHT}" x2="{WIDTH}" y2="{HEIGHT}" stroke="#999"/>'
        f"{''.join(lines)}</svg></figure>"
    )


def _cell(value: object) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f'<td class="number">{value:,}</td>'
    return f"<td>{escape('' if value is None else str(value))}</td>"
