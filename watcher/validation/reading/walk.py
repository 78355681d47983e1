"""Goes through a block from one wrong record to the next: between them quotes tell where records end; see `survey`."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from watcher.validation.reading import bits
from watcher.validation.reading.bits import Bitmap, Offsets
from watcher.validation.reading.records import Grammar, Record, read_record

_LF, _CR = 10, 13
_NONE: Offsets = np.zeros(0, dtype=np.int64)
#: More wrong records are not kept at once: each is an object.
_MOST_WRONG = 20_000
#: Fewer sound records between two wrong ones than this, some times over, and so many are read exactly.
_CLOSE, _RUN = 4, 256


@dataclass(frozen=True, slots=True)
class Marks:
    """The bytes of a block that mean something; without any quote all else is empty, and delimiters not looked for."""

    line_ends: Bitmap
    quotes: Bitmap
    inside: Bitmap
    ends_cell: Bitmap
    line_end_follows: Bitmap
    nothing: Bitmap
    delimiters: Bitmap | None = None

    @property
    def has_quotes(self) -> bool:
        return self.delimiters is not None

    @classmethod
    def of(cls, block: bytes, grammar: Grammar) -> Marks:
        array = np.frombuffer(block, dtype=np.uint8)
        line_ends, nothing = bits.bitmap(array, _LF), bits.none(array)
        if grammar.quote is None or grammar.quote not in block:
            return cls(line_ends, nothing, nothing, nothing, nothing, nothing)
        quotes = bits.bitmap(array, grammar.quote[0])
        delimiters = bits.bitmap(array, grammar.delimiter[0])
        follows = bits.before(bits.bitmap(array, _CR) & bits.before(line_ends))
        return cls(line_ends, quotes, bits.odd(quotes), line_ends | delimiters, follows, nothing, delimiters)


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
    def of(cls, marks: Marks, inside: Bitmap, size: int, grammar: Grammar) -> _Reading:
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
class Walk:
    """Goes from one wrong record to the next, in legs with a bounded number of them.

    `at` is where the next leg begins. Of the last leg `parts` are where it began and the ends of its records, `wrong`
    its wrong records. `turns` are where the reading changes from one parity to the other.
    """

    block: bytes
    grammar: Grammar
    is_last: bool
    marks: Marks
    at: int = 0
    is_turned: bool = False
    parts: list[Offsets] = field(default_factory=list)
    wrong: list[Record] = field(default_factory=list)
    turns: list[int] = field(default_factory=list)
    readings: dict[bool, _Reading] = field(default_factory=dict)

    def go_on(self) -> bool:
        """Walk the next leg; False if there is no more record to be found."""
        begin = self.at
        self.parts, self.wrong = [np.array([begin], dtype=np.int64)], []
        is_under_way, close = True, 0
        while is_under_way and self.at < len(self.block) and len(self.wrong) < _MOST_WRONG:
            sound, start = self._to_next_wrong()
            if start is None:
                break
            # Where wrong records stand close, going through all of them is quicker than looking for the next.
            close = close + 1 if sound < _CLOSE else 0
            is_under_way = self._read(start, _RUN if close > _CLOSE else 1)
        return self.at > begin

    def _to_next_wrong(self) -> tuple[int, int | None]:
        """Take the records up to the next wrong one: how many they are, where it starts; None for no more."""
        reading, at = self._reading(is_turned=self.is_turned), self.at
        start = self._next_wrong(reading, at, is_turned=self.is_turned)
        first, last = np.searchsorted(reading.ends, (at, start))
        if last > first:
            self.parts.append(reading.ends[first:last] + 1)
            self.at = int(reading.ends[last - 1]) + 1
        if start < len(self.block):
            return int(last - first), start
        if self.is_last and self.at < len(self.block):  # the last record needs no line end
            self._end_at([len(self.block)])
        return int(last - first), None

    def _read(self, start: int, most: int) -> bool:
        """Read so many records exactly; False if the block does not reach far enough."""
        ends: list[int] = []
        while len(ends) < most and start < len(self.block) and self._is_decided(start):
            record = read_record(self.block, self.grammar, start)
            if record.end == len(self.block) and not (self.is_last or self.block.endswith(b"\n")):
                break
            self.wrong.append(record)
            ends.append(record.end)
            start = record.end
        if not ends:
            return False
        self._end_at(ends)
        if self.is_turned != (should_turn := bits.is_set(self.marks.inside, self.at - 1)):
            self.turns.append(self.at)
            self.is_turned = should_turn
        return True

    def _end_at(self, ends: list[int]) -> None:
        """Records that were found one by one."""
        self.parts.append(np.array(ends, dtype=np.int64))
        self.at = ends[-1]

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


def _next(offsets: Offsets, at: int) -> int | None:
    """The first of the offsets from here on."""
    index = int(np.searchsorted(offsets, at))
    return int(offsets[index]) if index < len(offsets) else None
