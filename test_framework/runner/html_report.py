"""The run as one readable HTML file without scripts or external parts."""

from collections.abc import Iterable, Sequence
from html import escape

from test_framework.outcomes import Outcomes, TestOutcome
from test_framework.runner.table import HEADINGS, rows

STYLE = """
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { max-width: 75rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #8884; }
td.number, th.number { text-align: right; }
pre { overflow-x: auto; padding: .8rem; background: #8882; border-radius: .3rem; }
h2 { display: inline-block; font-size: 1.2rem; }
summary { cursor: pointer; padding: .15rem 0; overflow-wrap: anywhere; }
.green { color: #1a7f37; } .red { color: #cf222e; }
"""
NUMBERS = range(1, 6)


def render(outcomes: Outcomes, problems: Sequence[str], *, title: str, when: str) -> str:
    """Return the page.

    Args:
        outcomes: of the tests.
        problems: why the run is not green; empty when it is.
        title: what ran.
        when: the time at which it ran.
    """
    verdict = (
        '<p class="red"><strong>Not green.</strong></p>' + _list(problems)
        if problems
        else '<p class="green"><strong>Green.</strong></p>'
    )
    failed = [test for test in outcomes.tests if test.result == "failed"]
    skipped = [test for test in outcomes.tests if test.result in {"skipped", "xfailed"}]
    ordered = sorted(outcomes.tests, key=lambda test: -test.seconds)
    body = "\n".join(
        [
            f"<h1>{escape(title)}</h1><p>{escape(when)}</p>",
            verdict,
            _categories(outcomes),
            _section("Failed", failed, opened=True),
            _section("Skipped or expected to fail", skipped, opened=True),
            _section("All tests, slowest first", ordered, opened=False),
        ]
    )
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>\n<body>\n{body}\n"
        "</body></html>\n"
    )


def _list(items: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(item)}</li>" for item in items) + "</ul>"


def _categories(outcomes: Outcomes) -> str:
    def line(cells: Iterable[str], tag: str) -> str:
        made = "".join(
            f"<{tag}{' class=number' if column in NUMBERS else ''}>{escape(cell)}</{tag}>"
            for column, cell in enumerate(cells)
        )
        return f"<tr>{made}</tr>"

    body = "".join(line(row.cells, "td") for row in rows(outcomes))
    return f"<h2>Categories</h2><table>{line(HEADINGS, 'th')}{body}</table>"


def _section(title: str, tests: Sequence[TestOutcome], *, opened: bool) -> str:
    if not tests:
        return ""
    inner = "".join(_test(test) for test in tests)
    state = " open" if opened else ""
    return f"<details{state}><summary><h2>{title} ({len(tests)})</h2></summary>{inner}</details>"


def _test(test: TestOutcome) -> str:
    head = f"{test.seconds:.2f} s · {test.result} · {test.nodeid}"
    if test.detail:
        head += f" · {test.detail}"
    if not test.report:
        return f"<p>{escape(head)}</p>"
    text = escape(test.report)
    return f"<details><summary>{escape(head)}</summary><pre>{text}</pre></details>"
