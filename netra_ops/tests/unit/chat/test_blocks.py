from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from netra_ops.chat.blocks import MarkdownBlocks

TEXT = """# Title

A paragraph
of two lines.

```python
def f():

    return 1
```

~~~~
```

~~~
~~~~

- one
- two
"""
BLOCKS = [
    "# Title",
    "A paragraph\nof two lines.",
    "```python\ndef f():\n\n    return 1\n```",
    "~~~~\n```\n\n~~~\n~~~~",
    "- one\n- two",
]


def split(pieces: list[str]) -> list[str]:
    blocks = MarkdownBlocks()
    found = [block for piece in pieces for block in blocks.feed(piece)]
    return found + blocks.finish()


@given(st.lists(st.integers(0, len(TEXT)), max_size=20))
def test_blocks_do_not_depend_on_how_the_text_arrives(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(TEXT)]
    pieces = [TEXT[a:b] for a, b in pairwise(edges)]
    assert split(pieces) == BLOCKS


@given(st.text(alphabet="a `~\n#", max_size=60))
def test_no_character_but_line_ends_is_lost(text: str) -> None:
    assert "".join(split(list(text))).replace("\n", "") == text.replace("\n", "")


def test_what_is_not_finished_is_the_tail() -> None:
    blocks = MarkdownBlocks()
    assert blocks.feed("done\n\nnot ye") == ["done"]
    assert blocks.tail == "not ye"
