"""The physical lines of a file as its bytes stand on disk: everything but some of them, or some of them alone.

Counted as the readers count: every LF ends a line (every CR in a file of old Macs), quoted or not, in any encoding.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from watcher.validation.findings.occurrences import Numbers
from watcher.validation.reading.leftout import Lines

#: A multiple of every size that a character's units can have.
BLOCK_BYTES = 1024 * 1024

_UNITS = {"utf-16-le": "<u2", "utf-16-be": ">u2", "utf-32-le": "<u4", "utf-32-be": ">u4"}


@dataclass(frozen=True, slots=True)
class LineEnds:
    """How lines end in a file of this encoding (as in `Grammar`)."""

    encoding: str = "utf-8"
    old_line_ends: bool = False

    def behind(self, block: bytes) -> Numbers:
        """The offsets behind each line end of a block, which holds whole characters unless it is the last."""
        unit = np.dtype(_UNITS.get(self.encoding, "u1"))
        units = np.frombuffer(block, dtype=unit, count=len(block) // unit.itemsize)
        ends: Numbers = (
            np.flatnonzero(units == (13 if self.old_line_ends else 10)).astype(np.int64) + 1
        ) * unit.itemsize
        return ends


@dataclass(frozen=True, slots=True)
class _Block:
    """One block; `line` is the line on which it begins."""

    data: bytes
    ends: Numbers
    line: int

    @property
    def last_line(self) -> int:
        """The line on which the next block begins."""
        return self.line + len(self.ends)

    def offset(self, line: int | None) -> int:
        """Where a line begins, as far as that is in this block: 0 before it, its length behind it."""
        if line is None or line > self.last_line:
            return len(self.data)
        return 0 if line <= self.line else int(self.ends[line - self.line - 1])


def without_lines(blocks: Iterable[bytes], line_ends: LineEnds, lines: Iterator[Lines]) -> Iterator[bytes]:
    """The bytes of a file without some of its lines, which come in order."""
    left_out = next(lines, None)
    for block in _numbered(blocks, line_ends):
        at = 0
        while left_out is not None and (first := block.offset(left_out.first)) < len(block.data):
            yield block.data[at:first]
            at = block.offset(left_out.behind)
            if at == len(block.data):
                break  # it may go on in the next block
            left_out = next(lines, None)
        yield block.data[at:]


class LineReader:
    """Reads lines of a file going forward."""

    def __init__(self, blocks: Iterable[bytes], line_ends: LineEnds) -> None:
        self._blocks = _numbered(blocks, line_ends)
        self._block = next(self._blocks, None)

    def read(self, lines: Lines, most_bytes: int) -> bytes:
        """These lines, or their beginning; none may come before those that were read last."""
        parts: list[bytes] = []
        missing = most_bytes
        while self._block is not None and missing > 0:
            start, end = self._block.offset(lines.first), self._block.offset(lines.behind)
            parts.append(self._block.data[start : min(end, start + missing)])
            missing -= len(parts[-1])
            if end < len(self._block.data):
                break
            if missing:
                self._block = next(self._blocks, None)
        return b"".join(parts)


def _numbered(blocks: Iterable[bytes], line_ends: LineEnds) -> Iterator[_Block]:
    line = 1
    for data in blocks:
        block = _Block(data, line_ends.behind(data), line)
        yield block
        line = block.last_line
