"""Cutting pages into sections."""

from netra_backend.app.agents.runbook.loader import DOCS_FOLDER, digest_of, read_pages
from netra_backend.app.agents.runbook.sections import anchor_of, sections_of

PAGE = """\
intro before any heading

# The page

First.

## A `heading`, here!

```sh
# not a heading
```

### Third level ###
text
#### Fourth level stays inside
more

## Empty

"""


def test_a_page_is_cut_at_its_headings() -> None:
    found = sections_of("a/b.md", PAGE)
    assert [(item.position, item.page, item.heading, item.anchor) for item in found] == [
        (0, "a/b.md", "a/b.md", "abmd"),
        (1, "The page", "The page", "the-page"),
        (2, "The page", "A `heading`, here!", "a-heading-here"),
        (3, "The page", "Third level", "third-level"),
    ]
    assert "# not a heading" in found[2].body
    assert found[3].body == "text\n#### Fourth level stays inside\nmore"


def test_anchors_are_those_of_github() -> None:
    assert anchor_of("401 token_expired, 4401, 4419") == "401-token_expired-4401-4419"


def test_the_real_pages_are_found_and_decisions_are_left_out() -> None:
    sections = read_pages(DOCS_FOLDER)
    paths = {section.path for section in sections}
    assert "runbook/close-codes.md" in paths
    assert not any(path.startswith("decisions/") for path in paths)
    assert len(digest_of(sections)) == 64
    assert digest_of(sections) != digest_of(sections[1:])
