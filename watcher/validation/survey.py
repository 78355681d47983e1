"""Looks over a block of bytes with numpy: where its records are, and which of them the exact reader must look at.

While every quote stands where the grammar of `records` allows it, an even number of quotes before a byte means that the
byte is not quoted. That one rule finds all records of a block at once. Where a quote stands wrong, the exact reader
reads that one record; no quote is open behind it, so the rule holds again there, if need be the other way round.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from watcher.validation import bits
from watcher.validation.bits import Bitmap, Bytes, Offsets
from watcher.validation.records import Grammar, Record, read_record

_LF, _CR = 10, 13
_NONE: Offsets = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Survey:
    """What stands where in `data`, a whole number of records.

    Record i reaches from `bounds[i]` to `bounds[i + 1]`. `wrong` are those with a quote that is not legal and those
    that are too long, as the exact reader reads them. `line_ends` are all LF, `quotes` all quotes, `inside` is what is
    quoted, opening quotes included; in wrong records `inside` has no meaning.
    """

    data: bytes
    bounds: Offsets
    wrong: tuple[Record, ...]
    line_ends: Bitmap
    quotes: Bitmap
    inside: Bitmap

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
        cut = int(self.bounds[index])
        maps = (bits.cut(each, cut) for each in (self.line_ends, self.quotes, self.inside))
        wrong = tuple(record for record in self.wrong if record.start < cut)
        return Survey(self.data[:cut], self.bounds[: index + 1], wrong, *maps)

    def lines(self, first: int) -> Offsets:
        """The line on which each record begins, if the data begins on line `first`."""
        if not self.has_quotes:
            return np.arange(first, first + self.rows, dtype=np.int64)
        return first + bits.Ranks.of(self.line_ends).before(self.bounds[:-1])

    def blank(self) -> bits.Flags:
        """Which records are only a line end."""
        blank = np.zeros(self.rows, dtype=bool)
        short = np.flatnonzero(np.diff(self.bounds) <= len(b"\r\n"))
        for i, start, end in zip(
            short.tolist(), self.bounds[short].tolist(), self.bounds[short + 1].tolist(), strict=True
        ):
            blank[i] = self.data[start:end] in {b"\n", b"\r\n"}
        return blank

    def outside(self, byte: int) -> Bitmap:
        """Where a byte stands that is not quoted."""
        return bits.bitmap(self.array, byte) & ~self.inside

    def carriage_returns(self) -> tuple[Bitmap, Bitmap]:
        """Where an unquoted CR stands before LF, as a line end does, and where it stands alone."""
        if b"\r" not in self.data:
            return bits.none(self.array), bits.none(self.array)
        found, before_line_ends = self.outside(_CR), bits.before(self.line_ends)
        return found & before_line_ends, found & ~before_line_ends

    def structure(self, delimiters: Bitmap) -> Bitmap:
        """The bytes that are no text of a cell: delimiters, line ends, quotes, but one of each doubled quote."""
        structure = delimiters | (self.line_ends & ~self.inside) | self.carriage_returns()[0]
        if self.has_quotes:
            reopening = bits.after(self.quotes & ~self.inside) & self.quotes & self.inside
            structure |= self.quotes & ~reopening
        return structure


def survey(block: bytes, grammar: Grammar, *, is_last: bool) -> Survey | None:
    """The survey of the records in a block that are whole beyond doubt; None if there is none.

    A block that is the file's last one ends a record even without a line end. Whatever can't be decided without the
    bytes behind the block is left to the next one. With an escape byte in it nothing is sure.
    """
    if grammar.escape is not None and grammar.escape in block:
        return None
    walk = _Walk(block, grammar, is_last, _Marks.of(block, grammar))
    cut = walk.run()
    if cut == 0:
        return None
    maps = (bits.cut(each, cut) for each in (walk.marks.line_ends, walk.marks.quotes, walk.inside()))
    return Survey(block if cut == len(block) else block[:cut], walk.bounds(), tuple(walk.wrong), *maps)


@dataclass(frozen=True, slots=True)
class _Marks:
    """The bytes of a block that mean something; without any quote all else is empty."""

    line_ends: Bitmap
    quotes: Bitmap
    inside: Bitmap
    ends_cell: Bitmap
    line_end_follows: Bitmap
    nothing: Bitmap
    has_quotes: bool

    @classmethod
    def of(cls, block: bytes, grammar: Grammar) -> _Marks:
        array = np.frombuffer(block, dtype=np.uint8)
        line_ends, nothing = bits.bitmap(array, _LF), bits.none(array)
        if grammar.quote is None or grammar.quote not in block:
            return cls(line_ends, nothing, nothing, nothing, nothing, nothing, has_quotes=False)
        quotes = bits.bitmap(array, grammar.quote[0])
        ends_cell = line_ends | bits.bitmap(array, grammar.delimiter[0])
        follows = bits.before(bits.bitmap(array, _CR) & bits.before(line_ends))
        return cls(line_ends, quotes, bits.odd(quotes), ends_cell, follows, nothing, has_quotes=True)


@dataclass(frozen=True, slots=True)
class _Reading:
    """A block read with the first quote as an opening one, or the other way round.

    `ends` are the LF that end records, `illegal` the quotes that are not legal, `long` the starts of records that are
    too long.
    """

    ends: Offsets
    illegal: Offsets
    long: Offsets

    @classmethod
    def of(cls, marks: _Marks, inside: Bitmap, size: int, grammar: Grammar) -> _Reading:
        ends = bits.offsets(marks.line_ends & ~inside)
        long = ends[:-1][np.diff(ends) > grammar.max_record_bytes] + 1
        if not marks.has_quotes:
            return cls(ends, _NONE, long)
        opening, closing = marks.quotes & inside, marks.quotes & ~inside
        # A doubled quote closes and opens, unless there is an escape for that.
        may_open, may_close = (opening, closing) if grammar.escape is None else (marks.nothing, marks.nothing)
        begins = bits.after(marks.ends_cell | may_close)
        begins[0] |= bits.ONE
        closes = bits.before(marks.ends_cell | may_open) | marks.line_end_follows
        bits.set_at(closes, size - 1)
        return cls(ends, bits.offsets((opening & ~begins) | (closing & ~closes)), long)


@dataclass(slots=True)
class _Walk:
    """Goes from one wrong record to the next.

    `parts` are the ends of records found so far, `turns` where the reading changes from one parity to the other.
    """

    block: bytes
    grammar: Grammar
    is_last: bool
    marks: _Marks
    parts: list[Offsets] = field(default_factory=lambda: [np.zeros(1, dtype=np.int64)])
    wrong: list[Record] = field(default_factory=list)
    turns: list[int] = field(default_factory=list)
    readings: dict[bool, _Reading] = field(default_factory=dict)

    def run(self) -> int:
        """Find all records; the result is where the last of them ends."""
        at, is_turned = 0, False
        while at < len(self.block):
            reading = self._reading(is_turned=is_turned)
            start = self._next_wrong(reading, at, is_turned=is_turned)
            first, last = np.searchsorted(reading.ends, (at, start))
            self.parts.append(reading.ends[first:last] + 1)
            if start == len(self.block):
                at = int(reading.ends[last - 1]) + 1 if last > first else at
                return self._end(at)
            if not self._is_decided(start):
                return start
            record = read_record(self.block, self.grammar, start)
            if record.end == len(self.block) and not (self.is_last or self.block.endswith(b"\n")):
                return start
            self.wrong.append(record)
            self.parts.append(np.array([record.end], dtype=np.int64))
            at = record.end
            if is_turned != (should_turn := bits.is_set(self.marks.inside, at - 1)):
                self.turns.append(at)
                is_turned = should_turn
        return at

    def bounds(self) -> Offsets:
        return np.concatenate(self.parts)

    def inside(self) -> Bitmap:
        """What is quoted, each part of the block read as it should be."""
        if not self.turns:
            return self.marks.inside
        turned = np.zeros_like(self.marks.inside)
        for turn in self.turns:
            bits.set_at(turned, turn)
        return self.marks.inside ^ bits.odd(turned)

    def _reading(self, *, is_turned: bool) -> _Reading:
        if is_turned not in self.readings:
            inside = ~self.marks.inside if is_turned else self.marks.inside
            self.readings[is_turned] = _Reading.of(self.marks, inside, len(self.block), self.grammar)
        return self.readings[is_turned]

    def _next_wrong(self, reading: _Reading, at: int, *, is_turned: bool) -> int:
        """Where the next wrong record starts; the block's length if there is none."""
        ends, size = reading.ends, len(self.block)
        first = int(np.searchsorted(ends, at))
        starts = [size]
        if (illegal := _next(reading.illegal, at)) is not None:
            before = int(np.searchsorted(ends, illegal)) - 1
            starts.append(int(ends[before]) + 1 if before >= first else at)
        if (long := _next(reading.long, at)) is not None:
            starts.append(long)
        if first < len(ends) and int(ends[first]) + 1 - at > self.grammar.max_record_bytes:
            starts.append(at)
        rest = int(ends[-1]) + 1 if len(ends) > first else at
        if size - rest > self.grammar.max_record_bytes or (self.is_last and self._is_open(is_turned=is_turned)):
            starts.append(rest)
        return min(starts)

    def _is_open(self, *, is_turned: bool) -> bool:
        """Whether the block ends within quotes."""
        return self.marks.has_quotes and bits.is_set(self.marks.inside, len(self.block) - 1) != is_turned

    def _is_decided(self, start: int) -> bool:
        """Whether the block reaches far enough to read the record."""
        return self.is_last or start + self.grammar.max_record_bytes + 2 <= len(self.block)

    def _end(self, at: int) -> int:
        """The end of the last record, which needs no line end at the end of the file."""
        if self.is_last and at < len(self.block):
            self.parts.append(np.array([len(self.block)], dtype=np.int64))
            return len(self.block)
        return at


def _next(offsets: Offsets, at: int) -> int | None:
    """The first of the offsets from here on."""
    index = int(np.searchsorted(offsets, at))
    return int(offsets[index]) if index < len(offsets) else None


__all__ = ["Bitmap", "Offsets", "Survey", "survey"]
