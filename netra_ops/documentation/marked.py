"""Pages in which some blocks are generated and the rest is written by hand."""

import re
from collections.abc import Mapping

_MARKED = re.compile(
    r"(<!-- generated: (?P<name>[a-z-]+) -->\n)(?P<body>.*?)(<!-- end -->)", re.DOTALL
)


def fill_marked(page: str, blocks: Mapping[str, str]) -> str:
    """Return ``page`` with every marked block replaced.

    Args:
        page: with markers ``<!-- generated: NAME -->`` and ``<!-- end -->``.
        blocks: text by name, ending in a line break.

    Raises:
        KeyError: a marker names no block.
    """
    return _MARKED.sub(lambda match: f"{match[1]}{blocks[match['name']]}{match[4]}", page)
