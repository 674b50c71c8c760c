"""Splits Markdown that arrives in pieces into blocks that can be printed for good.

A terminal cannot take back what has scrolled out of view, so only the block that still grows is
redrawn; a block is finished by a blank line outside a code fence.
"""

from dataclasses import dataclass, field

FENCES = ("```", "~~~")


@dataclass
class MarkdownBlocks:
    """Feed it text; ``tail`` is what is not finished yet."""

    tail: str = ""
    _scanned: int = field(default=0, init=False)
    _fence: str = field(default="", init=False)

    def feed(self, text: str) -> list[str]:
        """Add ``text`` and return the blocks that are finished by it."""
        self.tail += text
        blocks = []
        while (end := self.tail.find("\n", self._scanned)) >= 0:
            line = self.tail[self._scanned : end].strip()
            self._scanned = end + 1
            if self._fence:
                # CommonMark 0.31 section 4.5: only the opening kind of fence closes it.
                if line.startswith(self._fence) and not line.strip(self._fence[0]):
                    self._fence = ""
            elif line.startswith(FENCES):
                marker = line[0]
                self._fence = marker * (len(line) - len(line.lstrip(marker)))
            elif not line:
                if block := self.tail[: self._scanned].strip("\n"):
                    blocks.append(block)
                self.tail, self._scanned = self.tail[self._scanned :], 0
        return blocks

    def finish(self) -> list[str]:
        """Return what is left as a block and start again."""
        rest = self.tail.strip("\n")
        self.tail, self._scanned, self._fence = "", 0, ""
        return [rest] if rest else []
