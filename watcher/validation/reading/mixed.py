"""The mixed reader: records that stand out are looked at, the rest of the block is read quickly.

The commonest faults, a wrong number of cells and a blank line, are plain from the survey: no record is split for them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from watcher.validation.reading import bits, quick
from watcher.validation.reading.bits import Bitmap, Flags, Offsets
from watcher.validation.reading.encodings import ASCII, is_utf8
from watcher.validation.reading.records import Grammar, read_record
from watcher.validation.reading.rows import Chunk, Faults, Rows, merged
from watcher.validation.reading.survey import Survey

#: So many records are tried at once whether they are UTF-8.
_RUN = 128
_EMPTY: Offsets = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Sorts:
    """The records of a block, of which `width` cells are expected.

    `strange` ones must be looked at, `ragged` ones have a wrong number of `cells`; no record is of two sorts.
    `structure` are the bytes of the block that are no text of a cell.
    """

    width: int
    strange: Flags
    ragged: Flags
    blank: Flags
    cells: Offsets
    structure: Bitmap

    @property
    def odd(self) -> Flags:
        return self.strange | self.ragged | self.blank

    def with_strange(self, more: Flags) -> Sorts:
        """More of the records are strange."""
        strange = self.strange | (more & ~self.blank)
        return replace(self, strange=strange, ragged=self.ragged & ~strange)


def sorted_out(found: Survey, grammar: Grammar, width: int) -> Sorts:
    """The records by sort; whether they are in the file's encoding is not looked at."""
    delimiters = found.cell_ends(grammar.delimiter[0])
    of_line_ends, alone = found.carriage_returns()
    cells = np.diff(bits.Ranks.of(delimiters).before(found.bounds)) + 1
    blank, structure = found.blank(), found.structure(delimiters, of_line_ends)
    strange = _strange(found, alone, grammar, width)
    sorts = Sorts(width, np.zeros(found.rows, dtype=bool), (cells != width) & ~blank, blank, cells, structure)
    return sorts.with_strange(strange)


def quickly(found: Survey, sorts: Sorts, grammar: Grammar) -> pl.DataFrame | None:
    """The cells of a block in which no record is odd; None if not proved."""
    return None if sorts.odd.any() else _parsed(found, sorts, grammar)


def parse(found: Survey, sorts: Sorts, undecodable: Flags, grammar: Grammar, start: Start) -> Chunk:
    """The block, its odd records looked at: all, if the rest can't be proved. The chunk's `end` is not set."""
    sorts = sorts.with_strange(undecodable)
    frame = _parsed(found, sorts, grammar)
    if frame is None:
        sorts = sorts.with_strange(np.ones(found.rows, dtype=bool))
        frame = pl.DataFrame(schema={str(i): pl.String for i in range(sorts.width)})
    places = _Places.of(found, sorts.blank, start)
    rows = _looked_at(found, np.flatnonzero(sorts.strange), places, grammar, width=sorts.width)
    regular = ~sorts.odd
    taken = int(np.count_nonzero(~sorts.blank))
    chunk = merged(Chunk(frame, places.lines[regular], places.numbers[regular], 0, taken), rows)
    return replace(chunk, many=(*chunk.many, *_many(sorts, places)))


def chunk_of(rows: Rows, records: int) -> Chunk:
    """Rows that were split one by one, of so many records."""
    return merged(Chunk(rows.frame().clear(), _EMPTY, _EMPTY, 0, records), rows)


@dataclass(frozen=True, slots=True)
class Start:
    """The line and the record number with which a block begins."""

    line: int
    record: int


@dataclass(frozen=True, slots=True)
class _Places:
    """The line and the number of each record; a blank one has the number of that before it."""

    lines: Offsets
    numbers: Offsets

    @classmethod
    def of(cls, found: Survey, blank: Flags, start: Start) -> _Places:
        return cls(found.lines(start.line), start.record + np.cumsum(~blank) - 1)


def _many(sorts: Sorts, places: _Places) -> Iterator[Faults]:
    """What is wrong with records that need not be split."""
    lines, numbers, cells = places.lines, places.numbers, sorts.cells
    if sorts.ragged.any():
        yield Faults("ragged-row", lines[sorts.ragged], numbers[sorts.ragged], cells[sorts.ragged])
    if sorts.blank.any():
        yield Faults("blank-line", lines[sorts.blank], np.zeros_like(lines[sorts.blank]))


def _strange(found: Survey, lone_returns: Bitmap, grammar: Grammar, width: int) -> Flags:
    """Which records must be looked at for their quotes, their length, characters that mean something else."""
    at = [record.start for record in found.wrong]
    at += bits.offsets(lone_returns).tolist()
    if b"\0" in found.data:
        at += bits.offsets(bits.bitmap(found.array, 0)).tolist()
    strange = _records_at(found, at)
    if width == 1 and grammar.quote is not None:
        # polars doesn't tell an empty cell from a blank line
        is_short = np.diff(found.bounds) <= len(b'""\r\n')
        strange |= is_short & (found.array[found.bounds[:-1]] == grammar.quote[0])
    return strange


def undecodable(found: Survey, grammar: Grammar) -> Flags:
    """Which records hold bytes that are not in the file's encoding."""
    if grammar.encoding != ASCII and is_utf8(found.data):
        return np.zeros(found.rows, dtype=bool)
    beyond_ascii = _records_at(found, bits.offsets(bits.high_bits(found.array)))
    if grammar.encoding == ASCII:
        return beyond_ascii
    places = found.places_of(beyond_ascii)
    # Most runs of them are sound: only in the others each is tried.
    runs = (places[first : first + _RUN] for first in range(0, len(places), _RUN))
    suspect = (run for run in runs if not is_utf8(b"".join([found.data[at:end] for at, end in run])))
    return _records_at(found, [at for run in suspect for at, end in run if not is_utf8(found.data[at:end])])


def _records_at(found: Survey, offsets: Offsets | list[int]) -> Flags:
    """The records in which these offsets lie."""
    flags = np.zeros(found.rows, dtype=bool)
    flags[np.searchsorted(found.bounds, offsets, side="right") - 1] = True
    return flags


def _parsed(found: Survey, sorts: Sorts, grammar: Grammar) -> pl.DataFrame | None:
    """The regular records, parsed; None if not proved."""
    regular = ~sorts.odd
    rows = int(np.count_nonzero(regular))
    if rows == found.rows:
        data, structure_bytes = found.data, bits.count(sorts.structure)
    else:
        edges = np.flatnonzero(np.diff(np.concatenate(([False], regular, [False])).astype(np.int8)))
        runs = found.bounds[edges].reshape(-1, 2)
        data = b"".join([found.data[start:end] for start, end in runs.tolist()])
        structure_bytes = int(np.diff(bits.Ranks.of(sorts.structure).before(runs)).sum())
    if not rows:
        return pl.DataFrame(schema={str(i): pl.String for i in range(sorts.width)})
    return quick.parse(quick.Plain(data, rows, sorts.width, structure_bytes, found.has_quotes), grammar)


def _looked_at(found: Survey, which: Offsets, places: _Places, grammar: Grammar, *, width: int) -> Rows:
    """Records split one by one; those with wrong quotes were already."""
    rows = Rows(width, grammar.encoding)
    wrong = {record.start: record for record in found.wrong}
    each = (found.bounds[which], found.bounds[which + 1], places.lines[which], places.numbers[which])
    for start, end, line, number in zip(*(values.tolist() for values in each), strict=True):
        record, origin = wrong.get(start), 0
        if record is None:
            record, origin = read_record(found.data[start:end], grammar, 0), start
        fault_line = line if record.fault is None else line + found.data.count(b"\n", start, origin + record.fault_at)
        rows.take(record, line, fault_line, number)
    return rows
