"""Turns records that the exact reader split into rows of text and faults."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

from watcher.validation.reading.encodings import ASCII, UTF8, is_utf8, title
from watcher.validation.reading.records import Record
from watcher.validation.reading.survey import Offsets

#: Found in place of a likely encoding: a last letter of which bytes are missing.
CUT_LETTER = "a cut letter"


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with a whole row, or with the text from a line on (then `record` is None).

    `column` is the position of the first cell concerned; `found` and `expected` never hold a value.
    `begins` is the line on which the record begins, where that is not `line`.
    """

    code: str
    line: int
    record: int | None = None
    column: int | None = None
    found: str = ""
    begins: int | None = None
    expected: str = ""

    @property
    def first_line(self) -> int:
        """The line on which the record begins."""
        return self.line if self.begins is None else self.begins


@dataclass(frozen=True, slots=True, eq=False)
class Faults:
    """Rows of a chunk with the same fault, in order: without an object for each.

    `lines`, `numbers` and `begins` are as in `Fault`, `found` the numbers of cells of a `ragged-row`. The record number
    of a blank line is 0: it has none.
    """

    code: str
    lines: Offsets
    numbers: Offsets
    found: Offsets | None = None
    begins: Offsets | None = None

    def each(self) -> Iterator[Fault]:
        """One by one."""
        begins = self.lines if self.begins is None else self.begins
        found = [""] * len(self.lines) if self.found is None else map(str, self.found.tolist())
        every = zip(self.lines.tolist(), self.numbers.tolist(), found, begins.tolist(), strict=True)
        for line, number, cells, begin in every:
            if number == 0:
                yield Fault(self.code, line)
            else:
                yield Fault(self.code, line, number, found=cells, begins=None if begin == line else begin)


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """Where the records of a block stand in the file, blank lines among them.

    Record i reaches from `offset + bounds[i]` to `offset + bounds[i + 1]`. Its line is `line + lines[i]`, or `line + i`
    if that is None; so many records up to it, with it, have a number as `numbers[i]`, or i + 1, says: the first of them
    has `number`.
    """

    encoding: str
    offset: int
    line: int
    number: int
    bounds: npt.NDArray[np.uint32]
    lines: npt.NDArray[np.uint32] | None
    numbers: npt.NDArray[np.uint32] | None


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows of a file, in memory.

    `frame` has text columns named by position ("0", "1", ...), null for an empty cell; `lines` and `numbers` are the
    physical lines and record numbers of its rows, both 1-based. `damaged` are cells (row of the frame, position) that
    hold a guess and are not to be judged. `end` is the offset behind the chunk, in bytes of the file as it is.
    `records` counts faulty ones too, blank ones not. `faults` and `many` together are all that is wrong.
    `filled` are the positions of nameless columns at the end that hold something here. `stretch` is None where the
    records have no place in the file, since their text was decoded first. `may_be_garbled`: it is UTF-8, and some of it
    may have been decoded wrongly before.
    """

    frame: pl.DataFrame
    lines: Offsets
    numbers: Offsets
    end: int
    records: int
    faults: tuple[Fault, ...] = ()
    damaged: frozenset[tuple[int, int]] = frozenset()
    many: tuple[Faults, ...] = ()
    filled: frozenset[int] = frozenset()
    stretch: Stretch | None = None
    may_be_garbled: bool = False

    def all_faults(self) -> Iterator[Fault]:
        """The faults, those of `many` one by one after the others."""
        yield from self.faults
        for faults in self.many:
            yield from faults.each()

    def unread(self) -> Iterator[Fault]:
        """The faults of rows, but not what goes for the text as a whole or for no row."""
        return (fault for fault in self.all_faults() if fault.record is not None)


@dataclass(slots=True)
class Rows:
    """Rows and faults in the making."""

    width: int
    encoding: str = UTF8
    cells: list[list[str | None]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    damaged: set[tuple[int, int]] = field(default_factory=set)
    #: by code, of each record that could not be split: the line of the fault, the number, the line where it begins
    unsplit: dict[str, array[int]] = field(default_factory=dict)

    def take(self, record: Record, line: int, fault_line: int, number: int) -> None:
        """One record that begins on `line`, its fault on `fault_line`; `number` is its own unless it is blank."""
        if record.is_blank:
            self.faults.append(Fault("blank-line", line))
        elif record.fault is not None:
            self.unsplit.setdefault(record.fault, array("q")).extend((fault_line, number, line))
        else:
            self._row(record.cells, line, number, is_ended=record.is_ended)

    def many(self) -> Iterator[Faults]:
        """The records that could not be split."""
        for code, places in self.unsplit.items():
            lines, numbers, begins = np.array(places, dtype=np.int64).reshape(-1, 3).T
            yield Faults(code, lines, numbers, begins=begins)

    def all_faults(self) -> Iterator[Fault]:
        """The faults, those of records that could not be split one by one after the others."""
        yield from self.faults
        for faults in self.many():
            yield from faults.each()

    def frame(self) -> pl.DataFrame:
        """The rows as text columns named by position."""
        columns = zip(*self.cells, strict=True) if self.cells else [()] * self.width
        return pl.DataFrame([pl.Series(str(i), cells, dtype=pl.String) for i, cells in enumerate(columns)])

    def _row(self, cells: tuple[bytes, ...], line: int, number: int, *, is_ended: bool) -> None:
        row, bad = _decoded(cells, self.encoding)
        nul = [i for i, cell in enumerate(cells) if b"\0" in cell]
        if bad:
            is_last = not is_ended and bad[0] == len(cells) - 1 and len(cells) < self.width
            is_cut = is_last and self.encoding == UTF8 and _ends_in_a_letter(cells[-1])
            likely = CUT_LETTER if is_cut else _likely_encoding(cells[bad[0]], self.encoding)
            self.faults.append(Fault("encoding", line, number, bad[0], likely, expected=self.encoding))
        if nul:
            self.faults.append(Fault("nul-byte", line, number, nul[0]))
        if len(cells) != self.width:
            self.faults.append(Fault("ragged-row", line, number, found=str(len(cells))))
            return
        self.damaged.update((len(self.cells), i) for i in (*bad, *nul))
        self.cells.append(row)
        self.lines.append(line)
        self.numbers.append(number)


def _decoded(cells: tuple[bytes, ...], encoding: str) -> tuple[list[str | None], list[int]]:
    """The cells as text, None for an empty one, and the positions of those that are not in the file's encoding.

    The latter are read as Windows-1252, the likeliest one, unless the file was transcoded: then nothing is likely.
    Bytes that mean nothing there are spelt out, so that two keys stay two.
    """
    try:
        row: list[str | None] = [cell.decode() or None for cell in cells]
    except UnicodeDecodeError:
        pass
    else:
        is_sound = encoding != ASCII or all(cell.isascii() for cell in cells)
        return row, [] if is_sound else [i for i, cell in enumerate(cells) if not cell.isascii()]
    guessed = "cp1252" if encoding in {UTF8, ASCII} else "utf-8"
    row, bad = [], []
    for i, cell in enumerate(cells):
        is_text = is_utf8(cell)
        if not is_text or (encoding == ASCII and not cell.isascii()):
            bad.append(i)
        row.append((cell.decode() if is_text else cell.decode(guessed, errors="backslashreplace")) or None)
    return row, bad


def _likely_encoding(cell: bytes, encoding: str) -> str:
    """What the bytes probably are, if anything. Guessing finer than this is wrong more often than right on names."""
    if encoding not in {UTF8, ASCII}:
        return ""
    if is_utf8(cell):
        return title(UTF8)
    try:
        cell.decode("cp1252")
    except UnicodeDecodeError:
        return ""
    return "Windows-1252"


def _ends_in_a_letter(cell: bytes) -> bool:
    """Whether the cell is UTF-8 but for its last letter, of which bytes are missing: the file was cut off in it.

    In the middle of a file it is more likely a letter of Windows-1252, of which many begin one of UTF-8.
    """
    try:
        cell.decode()
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data"
    return False


def merged(quick: Chunk, rows: Rows) -> Chunk:
    """A chunk of the quickly read rows followed by those that were looked at one by one."""
    height = quick.frame.height
    frame = rows.frame()
    return Chunk(
        frame=pl.concat([quick.frame, frame]) if height and frame.height else quick.frame if height else frame,
        lines=np.concatenate([quick.lines, np.array(rows.lines, dtype=np.int64)]),
        numbers=np.concatenate([quick.numbers, np.array(rows.numbers, dtype=np.int64)]),
        end=quick.end,
        records=quick.records,
        faults=tuple(rows.faults),
        many=tuple(rows.many()),
        damaged=frozenset((height + row, column) for row, column in rows.damaged),
    )
