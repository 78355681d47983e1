"""Looks over a block of bytes with numpy: where its records are, and which of them the exact reader must look at.

While every quote stands where the grammar of `records` allows it, an even number of quotes before a byte means that the
byte is not quoted. That one rule finds all records of a block at once. Where a quote stands wrong, the exact reader
reads that one record; no quote is open behind it, so the rule holds again there, if need be the other way round.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from operator import attrgetter

import numpy as np

from watcher.validation.reading import bits
from watcher.validation.reading.bits import Bitmap, Bytes, Offsets
from watcher.validation.reading.records import Grammar, Record
from watcher.validation.reading.walk import Marks, Walk

_LF, _CR = 10, 13
#: More records are not in one survey, so that neither their offsets nor their faults take much memory.
_MOST_ROWS = 100_000


@dataclass(frozen=True, slots=True)
class Survey:
    """What stands where in `data`, a whole number of records.

    Record i reaches from `bounds[i]` to `bounds[i + 1]`. `wrong` are those with a quote that is not legal, those that
    are too long, and what stands among many of them, as the exact reader reads them. `line_ends` are all LF, `quotes`
    all quotes, `inside` is what is quoted, opening quotes included; in wrong records `inside` has no meaning.
    `delimiters` are all of them, if they were looked for.
    """

    data: bytes
    bounds: Offsets
    wrong: tuple[Record, ...]
    line_ends: Bitmap
    quotes: Bitmap
    inside: Bitmap
    delimiters: Bitmap | None = None

    @property
    def array(self) -> Bytes:
        return np.frombuffer(self.data, dtype=np.uint8)

    @property
    def rows(self) -> int:
        """How many records there are, blank ones included."""
        return len(self.bounds) - 1

    @property
    def lines_ended(self) -> int:
        """How many lines end in it."""
        return bits.count(self.line_ends)

    @property
    def has_quotes(self) -> bool:
        return bool(self.quotes.any())

    def until(self, index: int) -> Survey:
        """The same for the records before this one."""
        return self.part(0, index)

    def part(self, first: int, last: int) -> Survey:
        """The same for the records from the first one on, before the last one."""
        start, end = int(self.bounds[first]), int(self.bounds[last])
        if (start, end) == (0, len(self.data)):
            return self
        line_ends, quotes, inside = (bits.part(m, start, end) for m in (self.line_ends, self.quotes, self.inside))
        delimiters = None if self.delimiters is None else bits.part(self.delimiters, start, end)
        of_part = slice(*(bisect_left(self.wrong, at, key=attrgetter("start")) for at in (start, end)))
        wrong = tuple(record.moved(-start) for record in self.wrong[of_part])
        bounds = self.bounds[first : last + 1] - start
        return Survey(self.data[start:end], bounds, wrong, line_ends, quotes, inside, delimiters)

    def lines(self, first: int) -> Offsets:
        """The line on which each record begins, if the data begins on line `first`."""
        if not self.has_quotes:
            return np.arange(first, first + self.rows, dtype=np.int64)
        return first + bits.Ranks.of(self.line_ends).before(self.bounds[:-1])

    def blank(self) -> bits.Flags:
        """Which records are only a line end."""
        blank = np.zeros(self.rows, dtype=bool)
        sizes = np.diff(self.bounds)
        short = np.flatnonzero(sizes <= len(b"\r\n"))
        first, last = self.array[self.bounds[short]], self.array[self.bounds[short + 1] - 1]
        blank[short] = (last == _LF) & ((sizes[short] == 1) | (first == _CR))
        return blank

    def text_of(self, flags: bits.Flags) -> bytes:
        """The bytes of these records alone."""
        return b"".join([self.data[start:end] for start, end in self.places_of(flags)])

    def places_of(self, flags: bits.Flags) -> list[tuple[int, int]]:
        """Where each of these records begins and ends."""
        at = np.flatnonzero(flags)
        return list(zip(self.bounds[at].tolist(), self.bounds[at + 1].tolist(), strict=True))

    def outside(self, found: Bitmap) -> Bitmap:
        """Those of the bytes found that are not quoted."""
        return found & ~self.inside if self.has_quotes else found

    def cell_ends(self, delimiter: int) -> Bitmap:
        """The delimiters that are not quoted."""
        return self.outside(bits.bitmap(self.array, delimiter) if self.delimiters is None else self.delimiters)

    def carriage_returns(self) -> tuple[Bitmap, Bitmap]:
        """Where an unquoted CR stands before LF, as a line end does, and where it stands alone."""
        if b"\r" not in self.data:
            return bits.none(self.array), bits.none(self.array)
        found, before_line_ends = self.outside(bits.bitmap(self.array, _CR)), bits.before(self.line_ends)
        return found & before_line_ends, found & ~before_line_ends

    def structure(self, delimiters: Bitmap, returns: Bitmap) -> Bitmap:
        """The bytes that are no text of a cell: delimiters, line ends, quotes, but one of each doubled quote.

        `returns` are the CR of line ends.
        """
        structure = delimiters | self.outside(self.line_ends) | returns
        if self.has_quotes:
            reopening = bits.after(self.quotes & ~self.inside) & self.quotes & self.inside
            structure |= self.quotes & ~reopening
        return structure


def surveys(block: bytes, grammar: Grammar, *, is_last: bool) -> Iterator[Survey]:
    """The surveys, one behind the other, of the records in a block that are whole beyond doubt.

    Mostly there is one; there are more where records are short or many of them wrong, so that memory stays bounded. A
    block that is the file's last one ends a record even without a line end. Whatever can't be decided without the bytes
    behind the block is left to the next one. With an escape byte in it nothing is sure.
    """
    if grammar.escape is not None and grammar.escape in block:
        return
    walk = Walk(block, grammar, is_last, Marks.of(block, grammar))
    while walk.go_on():
        yield from _parts(walk)


def _parts(walk: Walk) -> Iterator[Survey]:
    """The survey of the records that the walk has just found, in parts of bounded size."""
    bounds, wrong, marks = walk.bounds(), tuple(walk.wrong), walk.marks
    leg = Survey(walk.block, bounds, wrong, marks.line_ends, marks.quotes, walk.inside(), marks.delimiters)
    rows = len(bounds) - 1
    for first in range(0, rows, _MOST_ROWS):
        yield leg.part(first, min(first + _MOST_ROWS, rows))


__all__ = ["Bitmap", "Offsets", "Survey", "surveys"]
