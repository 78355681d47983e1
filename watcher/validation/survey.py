"""Looks over a block of bytes with numpy: where quotes, line ends and records are, and whether the quotes are legal.

While every quote stands where the grammar of `records` allows it, an even number of quotes before a byte means that the
byte is not quoted. That one rule finds all records of a block at once; without it nothing here is to be trusted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from watcher.validation.records import Grammar

Offsets = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]

_LF, _CR = 10, 13
#: Whole-block temporaries cost more in page faults than the comparison itself.
_STEP_BYTES = 256 * 1024
_NONE: Offsets = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Survey:
    """What stands where in `data`, a whole number of records.

    `line_ends` are all LF, `ends` those that end a record, `quotes` all quotes; `escaped` counts the quotes that stand
    for themselves, doubled, inside a quoted cell.
    """

    data: bytes
    line_ends: Offsets
    ends: Offsets
    quotes: Offsets
    escaped: int

    @property
    def rows(self) -> int:
        """How many records there are, blank ones included."""
        return len(self.starts)

    @property
    def starts(self) -> Offsets:
        """Where each record begins."""
        starts = np.concatenate(([0], self.ends + 1))
        return starts[starts < len(self.data)]

    def lines(self, first: int) -> Offsets:
        """The line on which each record begins, if the data begins on line `first`."""
        if len(self.ends) == len(self.line_ends):
            return np.arange(first, first + self.rows, dtype=np.int64)
        return first + np.searchsorted(self.line_ends, self.starts).astype(np.int64)

    def outside(self, offsets: Offsets) -> Offsets:
        """Those of the offsets that are not quoted."""
        return _outside(offsets, self.quotes)


def survey(block: bytes, grammar: Grammar, *, is_last: bool) -> Survey | None:
    """The survey of the whole records in a block; None if there is none or a quote is not legal.

    A block that is the file's last one ends a record even without a line end. With an escape byte in it nothing is
    sure.
    """
    if grammar.escape is not None and grammar.escape in block:
        return None
    array = np.frombuffer(block, dtype=np.uint8)
    quotes = positions(array, grammar.quote[0]) if grammar.quote and grammar.quote in block else _NONE
    line_ends = positions(array, _LF)
    ends = _outside(line_ends, quotes)
    cut = len(block) if is_last else int(ends[-1]) + 1 if len(ends) else 0
    if cut == 0:
        return None
    data = block[:cut]
    quotes, line_ends = quotes[: np.searchsorted(quotes, cut)], line_ends[: np.searchsorted(line_ends, cut)]
    if len(quotes) and not _are_legal(array[:cut], quotes, grammar):
        return None
    return Survey(data, line_ends, ends, quotes, _escaped(quotes))


def positions(array: Bytes, byte: int) -> Offsets:
    """Where a byte stands."""
    parts = [
        np.flatnonzero(array[start : start + _STEP_BYTES] == byte) + start
        for start in range(0, len(array), _STEP_BYTES)
    ]
    found: Offsets = np.concatenate(parts).astype(np.int64) if parts else _NONE
    return found


def lone_carriage_returns(found: Survey) -> Offsets:
    """Where a CR stands unquoted and not before LF."""
    if b"\r" not in found.data:
        return _NONE
    array = np.frombuffer(found.data, dtype=np.uint8)
    returns = found.outside(positions(array, _CR))
    lone: Offsets = returns[_byte_at(array, returns + 1) != _LF]
    return lone


def _outside(offsets: Offsets, quotes: Offsets) -> Offsets:
    if not len(quotes):
        return offsets
    outside: Offsets = offsets[np.searchsorted(quotes, offsets) % 2 == 0]
    return outside


def _escaped(quotes: Offsets) -> int:
    """How many doubled quotes there are: a closing one with the next right behind it."""
    return int(np.count_nonzero(quotes[2::2] - quotes[1 : len(quotes) - 1 : 2] == 1))


def _are_legal(array: Bytes, quotes: Offsets, grammar: Grammar) -> bool:
    """Whether each opening quote begins a cell and each closing one ends it, doubled ones apart."""
    if len(quotes) % 2:
        return False
    delimiter, quote = grammar.delimiter[0], quotes
    opening, closing = quote[::2], quote[1::2]
    before = _byte_at(array, opening - 1)
    after = _byte_at(array, closing + 1)
    doubled = np.zeros(len(opening), dtype=bool)
    if grammar.escape is None:
        doubled[1:] = opening[1:] - closing[:-1] == 1
    begins = (before == delimiter) | (before == _LF) | (opening == 0) | doubled
    is_return = (after == _CR) & (_byte_at(array, closing + 2) == _LF)
    ends = (after == delimiter) | (after == _LF) | (closing == len(array) - 1) | is_return
    ends[:-1] |= doubled[1:]
    return bool(begins.all() and ends.all())


def _byte_at(array: Bytes, offsets: Offsets) -> Bytes:
    """The bytes at offsets; 0 beyond either end."""
    inside = (offsets >= 0) & (offsets < len(array))
    return np.where(inside, array[np.clip(offsets, 0, len(array) - 1)], np.uint8(0)).astype(np.uint8)
