"""Remembers where the records of a file stand while it is read, so that a few of them can be read again by themselves.

A whole second reading for a handful of suspect keys would cost nearly as much as the first. Four bytes are kept for
each record until it is known which ones are wanted; what is kept of those is a few numbers each.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from watcher.validation.reading.bits import Offsets
from watcher.validation.reading.mixed import Start, chunk_of
from watcher.validation.reading.records import Grammar, read_record
from watcher.validation.reading.rows import Chunk, Rows, Stretch
from watcher.validation.reading.source import Source
from watcher.validation.reading.survey import Survey

#: So many records make a chunk.
_AT_ONCE = 10_000
#: Of more than one record in so many, polars parses the whole file sooner than they are split one by one.
_MANY = 20


def stretch_of(found: Survey, start: Start, offset: int, encoding: str) -> Stretch:
    """Where the records of a survey stand, whose data begins at an offset of the file."""
    blank = found.blank()
    numbers = np.cumsum(~blank, dtype=np.uint32) if blank.any() else None
    is_a_line_each = not found.has_quotes or found.lines_ended == found.rows
    lines = None if is_a_line_each else found.lines(0).astype(np.uint32)
    return Stretch(encoding, offset, start.line, start.record, found.bounds.astype(np.uint32), lines, numbers)


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Records of a file: the offsets where each begins and ends, its line, its number; all in the same encoding."""

    encoding: str
    starts: Offsets
    ends: Offsets
    lines: Offsets
    numbers: Offsets

    def chunks(self, source: Source, grammar: Grammar, width: int) -> Iterator[Chunk]:
        """The records, read from the file. The chunks' `end` is not set. Raises OSError."""
        each = zip(*(v.tolist() for v in (self.starts, self.ends, self.lines, self.numbers)), strict=True)
        rows = Rows(width, self.encoding)
        for start, end, line, number in each:
            rows.take(read_record(source.read(start, end - start), grammar, 0), line, line, number)
            if len(rows.numbers) == _AT_ONCE:
                yield chunk_of(rows, _AT_ONCE)
                rows = Rows(width, self.encoding)
        if rows.numbers:
            yield chunk_of(rows, len(rows.numbers))


class RecordIndex:
    """Where all records of a file stand, as far as its chunks tell."""

    def __init__(self) -> None:
        self._stretches: list[Stretch] = []
        self._records = 0
        self._is_whole = True

    def take(self, chunk: Chunk) -> None:
        """The next chunk; one without its place makes the index useless."""
        self._records += chunk.records
        if chunk.stretch is not None:
            self._stretches.append(chunk.stretch)
        elif chunk.records:
            self._is_whole = False

    def places(self, wanted: Offsets) -> Places | None:
        """Where the records of these numbers stand, sorted; None if that is not known of all, or they are many."""
        encodings = {stretch.encoding for stretch in self._stretches}
        if not self._is_whole or len(encodings) != 1 or _MANY * len(wanted) > self._records:
            return None
        parts = [_among(stretch, wanted) for stretch in self._stretches]
        starts, ends, lines, numbers = np.concatenate(parts, axis=1)
        return Places(encodings.pop(), starts, ends, lines, numbers)


def _among(stretch: Stretch, wanted: Offsets) -> Offsets:
    """Starts, ends, lines and numbers, a row each, of the wanted records of one stretch."""
    count = len(stretch.bounds) - 1
    last = count if stretch.numbers is None else int(stretch.numbers[-1])
    first, behind = np.searchsorted(wanted, (stretch.number, stretch.number + last))
    numbers = wanted[first:behind]
    nth = numbers - stretch.number
    # The first that so many have a number up to is the record itself; blank lines behind it say the same.
    at = nth if stretch.numbers is None else np.searchsorted(stretch.numbers, nth + 1)
    starts, ends = (stretch.offset + stretch.bounds[at + i].astype(np.int64) for i in (0, 1))
    lines = stretch.line + (at if stretch.lines is None else stretch.lines[at].astype(np.int64))
    return np.stack([starts, ends, lines, numbers])
