"""The mixed reader: records that stand out are looked at, the rest of the block is read quickly.

The commonest faults, a wrong number of cells and a blank line, are plain from the survey: no record is split for them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import polars as pl

from watcher.validation import bits, quick
from watcher.validation.bits import Flags, Offsets
from watcher.validation.encodings import ASCII, is_utf8
from watcher.validation.records import Grammar, read_record
from watcher.validation.rows import Chunk, Faults, Rows, merged
from watcher.validation.survey import Survey, survey

#: So many records are tried at once whether they are UTF-8.
_RUN = 128


def parse(found: Survey, grammar: Grammar, width: int, first_line: int, first_number: int) -> Chunk:
    """The block, its odd records looked at: all, if the rest can't be proved. The chunk's `end` is not set."""
    sorts = _sorted_out(found, grammar, width)
    frame = _rest(found, ~sorts.odd, grammar, width)
    if frame is None:
        sorts = replace(sorts, strange=~sorts.blank, ragged=np.zeros_like(sorts.ragged))
        frame = _no_rows(width)
    places = _Places(found.lines(first_line), first_number + np.cumsum(~sorts.blank) - 1)
    rows = _looked_at(found, np.flatnonzero(sorts.strange), places, grammar, width)
    regular = ~sorts.odd
    taken = int(np.count_nonzero(~sorts.blank))
    chunk = merged(Chunk(frame, places.lines[regular], places.numbers[regular], 0, taken), rows)
    return replace(chunk, many=tuple(_many(sorts, places)))


@dataclass(frozen=True, slots=True)
class _Places:
    """The line and the number of each record; a blank one has the number of that before it."""

    lines: Offsets
    numbers: Offsets


@dataclass(frozen=True, slots=True)
class _Sorts:
    """The records of a block: `strange` must be looked at, `ragged` have a wrong number of `cells`, all apart."""

    strange: Flags
    ragged: Flags
    blank: Flags
    cells: Offsets

    @property
    def odd(self) -> Flags:
        return self.strange | self.ragged | self.blank


def _many(sorts: _Sorts, places: _Places) -> Iterator[Faults]:
    """What is wrong with records that need not be split."""
    lines, numbers, cells = places.lines, places.numbers, sorts.cells
    if sorts.ragged.any():
        yield Faults("ragged-row", lines[sorts.ragged], numbers[sorts.ragged], cells[sorts.ragged])
    if sorts.blank.any():
        yield Faults("blank-line", lines[sorts.blank], np.zeros_like(lines[sorts.blank]), cells[sorts.blank])


def _sorted_out(found: Survey, grammar: Grammar, width: int) -> _Sorts:
    blank = found.blank()
    strange = _strange(found, grammar, width) & ~blank
    cells = np.diff(bits.Ranks.of(found.outside(grammar.delimiter[0])).before(found.bounds)) + 1
    return _Sorts(strange, (cells != width) & ~strange & ~blank, blank, cells)


def _strange(found: Survey, grammar: Grammar, width: int) -> Flags:
    """Which records must be looked at: for their quotes, length, characters; blank ones may be among them."""
    strange = np.zeros(found.rows, dtype=bool)
    at = [record.start for record in found.wrong]
    at += bits.offsets(found.carriage_returns()[1]).tolist()
    if b"\0" in found.data:
        at += bits.offsets(bits.bitmap(found.array, 0)).tolist()
    at += _undecodable(found, grammar)
    strange[np.searchsorted(found.bounds, at, side="right") - 1] = True
    if width == 1:
        strange |= np.diff(found.bounds) <= 4  # noqa: PLR2004 ("" and its line end: polars doesn't tell it from a blank line)
    return strange


def _undecodable(found: Survey, grammar: Grammar) -> list[int]:
    """An offset in each record that holds bytes which are not in the file's encoding."""
    data, bounds = found.data, found.bounds.tolist()
    if grammar.encoding == ASCII:
        return [] if data.isascii() else bits.offsets(bits.high_bits(found.array)).tolist()
    if is_utf8(data):
        return []
    # Most runs of records are sound: only in the others each is tried.
    runs = (bounds[first : first + _RUN + 1] for first in range(0, found.rows, _RUN))
    suspect = (run for run in runs if not is_utf8(data[run[0] : run[-1]]))
    return [start for run in suspect for start, end in pairwise(run) if not is_utf8(data[start:end])]


def _rest(found: Survey, regular: Flags, grammar: Grammar, width: int) -> pl.DataFrame | None:
    """The regular records, parsed; None if not proved."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], regular, [False])).astype(np.int8)))
    runs = zip(found.bounds[edges[::2]].tolist(), found.bounds[edges[1::2]].tolist(), strict=True)
    joined = b"".join(found.data[start:end] for start, end in runs)
    if not joined:
        return _no_rows(width)
    again = survey(joined, grammar, is_last=True)
    frame = None if again is None else quick.parse(again, grammar, width)
    return frame if frame is None or frame.height == np.count_nonzero(regular) else None


def _no_rows(width: int) -> pl.DataFrame:
    return pl.DataFrame(schema={str(i): pl.String for i in range(width)})


def _looked_at(found: Survey, which: Offsets, places: _Places, grammar: Grammar, width: int) -> Rows:
    """Records split one by one; those with wrong quotes were already."""
    rows = Rows(width, grammar.encoding)
    wrong = {record.start: record for record in found.wrong}
    for i in which.tolist():
        start, end = int(found.bounds[i]), int(found.bounds[i + 1])
        record, origin = wrong.get(start), 0
        if record is None:
            record, origin = read_record(found.data[start:end], grammar, 0), start
        line = int(places.lines[i])
        fault_line = line + found.data.count(b"\n", start, origin + record.fault_at)
        rows.take(record, line, fault_line, int(places.numbers[i]))
    return rows
