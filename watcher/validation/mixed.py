"""The mixed reader: records that stand out are looked at, the rest of the block is read quickly.

The commonest faults, a wrong number of cells and a blank line, are plain from the survey: no record is split for them.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import polars as pl

from watcher.validation import quick
from watcher.validation.encodings import ASCII
from watcher.validation.records import Grammar, read_record
from watcher.validation.rows import Chunk, Faults, Rows, merged
from watcher.validation.survey import Offsets, Survey, lone_carriage_returns, positions, survey

_Mask = npt.NDArray[np.bool_]
_EMPTY: Offsets = np.zeros(0, dtype=np.int64)


def parse(found: Survey, grammar: Grammar, width: int, first_line: int, first_number: int) -> Chunk | None:
    """The block with its odd records looked at; None if the rest can't be proved.

    The chunk's `end` is not set.
    """
    lines = found.lines(first_line)
    bounds = np.append(found.starts, len(found.data))
    strange, cells, blank = _odd_records(found, bounds, grammar, width)
    numbers = first_number + np.cumsum(~blank) - 1
    odd = strange | (cells != width) | blank
    frame = _rest(found.data, bounds, odd, grammar, width)
    if frame is None or frame.height != np.count_nonzero(~odd):
        return None
    rows = Rows(width, grammar.encoding)
    for i in np.flatnonzero(strange & ~blank).tolist():
        if not _take(rows, found.data[bounds[i] : bounds[i + 1]], int(lines[i]), int(numbers[i]), grammar):
            return None
    taken = int(np.count_nonzero(~blank))
    ragged = odd & ~strange & ~blank
    many = (
        Faults("ragged-row", lines[ragged], numbers[ragged], cells[ragged]),
        Faults("blank-line", lines[blank], np.zeros(int(blank.sum()), dtype=np.int64), cells[blank]),
    )
    chunk = merged(Chunk(frame, lines[~odd], numbers[~odd], 0, taken), rows)
    return replace(chunk, many=tuple(faults for faults in many if len(faults.lines)))


def _take(rows: Rows, data: bytes, line: int, number: int, grammar: Grammar) -> bool:
    """Split one record; False if it is too long, and reading must go on inside of it."""
    record = read_record(data, grammar, 0)
    if record.end == len(data):
        rows.take(record, line, line + data.count(b"\n", 0, record.fault_at), number)
    return record.end == len(data)


def _rest(data: bytes, bounds: Offsets, odd: _Mask, grammar: Grammar, width: int) -> pl.DataFrame | None:
    """The regular records, parsed; None if not proved."""
    edges = np.flatnonzero(np.diff(np.concatenate(([True], odd, [True])).astype(np.int8)))
    runs = zip(bounds[edges[::2]].tolist(), bounds[edges[1::2]].tolist(), strict=True)
    joined = b"".join(data[start:end] for start, end in runs)
    if not joined:
        return pl.DataFrame(schema={str(i): pl.String for i in range(width)})
    found = survey(joined, grammar, is_last=True)
    return None if found is None else quick.parse(found, grammar, width)


def _odd_records(found: Survey, bounds: Offsets, grammar: Grammar, width: int) -> tuple[_Mask, Offsets, _Mask]:
    """Which records must be looked at, how many cells each has, which are blank."""
    array = np.frombuffer(found.data, dtype=np.uint8)
    sizes = np.diff(bounds)
    delimiters = found.outside(positions(array, grammar.delimiter[0]))
    cells = np.diff(np.searchsorted(delimiters, bounds)).astype(np.int64) + 1
    strange = sizes > grammar.max_record_bytes
    for offsets in (positions(array, 0) if b"\0" in found.data else _EMPTY, lone_carriage_returns(found)):
        strange[np.searchsorted(bounds, offsets, side="right") - 1] = True
    if width == 1:
        strange |= sizes <= 4  # noqa: PLR2004 ("" and its line end: polars doesn't tell it from a blank line)
    if not found.data.isascii() and (grammar.encoding == ASCII or not _is_utf8(found.data)):
        strange[_not_encoded(found.data, bounds, grammar.encoding)] = True
    return strange, cells, _blank(array, bounds, sizes)


def _not_encoded(data: bytes, bounds: Offsets, encoding: str) -> Offsets:
    """The records that hold bytes which are not in the file's encoding."""
    high = np.flatnonzero(np.frombuffer(data, dtype=np.uint8) > 127)  # noqa: PLR2004 (beyond ASCII)
    beyond = np.unique(np.searchsorted(bounds, high, side="right") - 1)
    if encoding == ASCII:
        return beyond
    broken = [i for i in beyond.tolist() if not _is_utf8(data[bounds[i] : bounds[i + 1]])]
    return np.array(broken, dtype=np.int64)


def _blank(array: npt.NDArray[np.uint8], bounds: Offsets, sizes: Offsets) -> _Mask:
    """Which records are only a line end."""
    first, second = array[bounds[:-1]], array[np.minimum(bounds[:-1] + 1, len(array) - 1)]
    is_crlf = (sizes == len(b"\r\n")) & (first == ord("\r")) & (second == ord("\n"))
    blank: _Mask = is_crlf | ((sizes == 1) & (first == ord("\n")))
    return blank


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
