"""Reads a file block by block, in bounded memory: quickly where that is proved exact, exactly everywhere else.

1. Quick: the block's records are surveyed, polars parses them, and the bytes are proved to add up.
2. Mixed: where that fails but all quotes are legal, records that stand out (ragged, not UTF-8, ...) are cut out and
   looked at one by one; the rest goes the quick way.
3. Exact: with an illegal quote in the block, the block is read again in small ones, and in those of them that have one
   every record is split one by one.

Each block starts where a record does: a record that crosses the end of its block belongs to the next one, or, on the
exact way, is read to its end before the next block starts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from watcher.validation import quick
from watcher.validation.records import Grammar, Record, read_record, records
from watcher.validation.rows import Chunk, Rows, merged
from watcher.validation.source import Source
from watcher.validation.survey import Offsets, Survey, lone_carriage_returns, positions, survey

BLOCK_BYTES = 8 * 1024 * 1024
#: Quick reading is hardly worth its fixed costs below this.
SMALL_BLOCK_BYTES = 64 * 1024
_EMPTY: Offsets = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Position:
    """A place between two records: byte offset, physical line (1-based), number of the next record (1-based)."""

    offset: int = 0
    line: int = 1
    record: int = 1


def chunks(
    source: Source,
    grammar: Grammar,
    width: int,
    at: Position,
    *,
    block_bytes: int = BLOCK_BYTES,
    small_bytes: int = SMALL_BLOCK_BYTES,
) -> Iterator[Chunk]:
    """All rows from a position to the end, `width` cells wide. Raises OSError."""
    small_until = 0
    while True:
        wanted = small_bytes if at.offset < small_until else block_bytes
        data = source.read(at.offset, wanted)
        if not data:
            return
        block = _Block(source, grammar, width, data, at, is_last=len(data) < wanted)
        taken = block.quickly()
        if taken is None and wanted > small_bytes:
            small_until = at.offset + len(data)
            continue
        chunk, at = taken or block.exactly()
        yield chunk


@dataclass(frozen=True, slots=True)
class _Block:
    """One block, which starts where a record does."""

    source: Source
    grammar: Grammar
    width: int
    data: bytes
    at: Position
    is_last: bool

    def quickly(self) -> tuple[Chunk, Position] | None:
        """The quick or the mixed way; None if neither can be proved."""
        found = survey(self.data, self.grammar, is_last=self.is_last)
        if found is None:
            return None
        frame = quick.parse(found, self.grammar, self.width)
        if frame is None:
            return self._mixed(found)
        height = frame.height
        numbers = np.arange(self.at.record, self.at.record + height, dtype=np.int64)
        chunk = Chunk(frame, found.lines(self.at.line), numbers, self.at.offset + len(found.data), height)
        return chunk, self._after(found, height)

    def _after(self, found: Survey, taken: int) -> Position:
        return Position(self.at.offset + len(found.data), self.at.line + len(found.line_ends), self.at.record + taken)

    def _mixed(self, found: Survey) -> tuple[Chunk, Position] | None:
        """The block with its odd records looked at one by one; None if the rest can't be proved either."""
        starts, lines = found.starts, found.lines(self.at.line)
        bounds = np.append(starts, len(found.data))
        odd, blank = _odd_records(found, bounds, self.grammar, self.width)
        numbers = self.at.record + np.cumsum(~blank) - 1
        frame = self._rest(found.data, bounds, odd)
        if frame is None or frame.height != np.count_nonzero(~odd):
            return None
        rows = Rows(self.width)
        for i in np.flatnonzero(odd).tolist():
            data = found.data[bounds[i] : bounds[i + 1]]
            record = read_record(data, self.grammar, 0)
            if record.end != len(data):
                return None  # it is too long, and reading goes on inside of it
            fault_line = int(lines[i]) + data.count(b"\n", 0, record.fault_at)
            rows.take(record, int(lines[i]), fault_line, int(numbers[i]))
        taken = int(np.count_nonzero(~blank))
        end = self.at.offset + len(found.data)
        return merged(Chunk(frame, lines[~odd], numbers[~odd], end, taken), rows), self._after(found, taken)

    def _rest(self, data: bytes, bounds: Offsets, odd: npt.NDArray[np.bool_]) -> pl.DataFrame | None:
        """The regular records, parsed; None if not proved."""
        edges = np.flatnonzero(np.diff(np.concatenate(([True], odd, [True])).astype(np.int8)))
        runs = zip(bounds[edges[::2]].tolist(), bounds[edges[1::2]].tolist(), strict=True)
        joined = b"".join(data[start:end] for start, end in runs)
        if not joined:
            return pl.DataFrame(schema={str(i): pl.String for i in range(self.width)})
        found = survey(joined, self.grammar, is_last=True)
        return None if found is None else quick.parse(found, self.grammar, self.width)

    def exactly(self) -> tuple[Chunk, Position]:
        """Every record of the block one by one, the last of them read to its end."""
        stop = len(self.data)
        more = b"" if self.is_last else self.source.read(self.at.offset + stop, self.grammar.max_record_bytes + 2)
        buffer = self.data + more
        rows = Rows(self.width)
        line, number, end = self.at.line, self.at.record, 0
        for record in records(buffer, self.grammar, 0, stop):
            rows.take(record, line, line + buffer.count(b"\n", record.start, record.fault_at), number)
            line += buffer.count(b"\n", record.start, record.end)
            number += not record.is_blank
            end = record.end
        after = self._past_the_line(Position(self.at.offset + end, line, number), buffer, end)
        empty = Chunk(rows.frame().clear(), _EMPTY, _EMPTY, after.offset, number - self.at.record)
        return merged(empty, rows), after

    def _past_the_line(self, at: Position, buffer: bytes, end: int) -> Position:
        """Where the line ends that the last record, too long for the buffer, stands on."""
        if end < len(buffer) or buffer.endswith(b"\n"):
            return at
        offset = at.offset
        while part := self.source.read(offset, BLOCK_BYTES):
            if (found := part.find(b"\n")) >= 0:
                return Position(offset + found + 1, at.line + 1, at.record)
            offset += len(part)
        return Position(offset, at.line, at.record)


def _odd_records(
    found: Survey, bounds: Offsets, grammar: Grammar, width: int
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Which records are not plain rows of `width` cells in UTF-8, and which of them are blank."""
    array = np.frombuffer(found.data, dtype=np.uint8)
    sizes = np.diff(bounds)
    delimiters = found.outside(positions(array, grammar.delimiter[0]))
    cells = np.diff(np.searchsorted(delimiters, bounds)) + 1
    blank = _blank(array, bounds, sizes)
    odd = (cells != width) | (sizes > grammar.max_record_bytes) | blank
    for offsets in (positions(array, 0) if b"\0" in found.data else _EMPTY, lone_carriage_returns(found)):
        odd[np.searchsorted(bounds, offsets, side="right") - 1] = True
    if width == 1:
        odd |= sizes <= 4  # noqa: PLR2004 ("" and its line end: polars doesn't tell it from a blank line)
    for i in np.unique(np.searchsorted(bounds, np.flatnonzero(array > 127), side="right") - 1).tolist():  # noqa: PLR2004
        odd[i] = odd[i] or not _is_utf8(found.data[bounds[i] : bounds[i + 1]])
    return odd, blank


def _blank(array: npt.NDArray[np.uint8], bounds: Offsets, sizes: Offsets) -> npt.NDArray[np.bool_]:
    """Which records are only a line end."""
    first, second = array[bounds[:-1]], array[np.minimum(bounds[:-1] + 1, len(array) - 1)]
    is_crlf = (sizes == len(b"\r\n")) & (first == ord("\r")) & (second == ord("\n"))
    blank: npt.NDArray[np.bool_] = is_crlf | ((sizes == 1) & (first == ord("\n")))
    return blank


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


__all__ = ["BLOCK_BYTES", "Chunk", "Grammar", "Position", "Record", "chunks"]
