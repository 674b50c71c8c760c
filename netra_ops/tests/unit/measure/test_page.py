"""Report pages are whole, escaped and need nothing from elsewhere."""

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from netra_ops.measure.page import chart, page, table


class Tags(HTMLParser):
    """Collects tags and visible text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, _attributes: object) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def read(document: str) -> Tags:
    tags = Tags()
    tags.feed(document)
    return tags


@given(st.text(max_size=40))
def test_no_text_becomes_markup(text: str) -> None:
    parts = [table(text, [text], [[text, 1]]), chart(text, text, {text: [(0.0, 1.0), (1.0, 2.0)]})]
    tags = read(page(text, text, passed=False, parts=parts))
    assert "script" not in tags.tags
    assert tags.tags.count("table") == 1
    assert tags.tags.count("polyline") == 1


def test_a_page_loads_nothing() -> None:
    document = page("Monitor", "PASSED", passed=True, parts=[])
    assert "http" not in document
    assert 'class="passed"' in document


def test_a_chart_without_samples_says_so() -> None:
    assert "No samples." in chart("Latency", "ms", {"handshake": []})
