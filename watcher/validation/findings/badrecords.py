"""Remembers which records of a file are to be skipped and why: eight bytes for each record and reason."""

from __future__ import annotations

from array import array

import numpy as np

from watcher.validation.findings.occurrences import Numbers

#: So many entries may wait before they are sorted and made distinct.
_WAITING = 1_000_000
#: An entry is the record number, shifted, and the reason's number in the low bits.
_REASON_BITS = 16
#: More reasons than this share the last number.
MOST_REASONS = 1 << _REASON_BITS


class BadRecords:
    """Record numbers of one file, each with the numbers of its reasons, from 0; with `is_kept` false it keeps none."""

    def __init__(self, *, is_kept: bool = True) -> None:
        self._is_kept = is_kept
        self._known: Numbers = np.zeros(0, dtype=np.int64)
        self._single = array("q")
        self._many: list[Numbers] = []
        self._waiting = 0

    def add(self, number: int, reason: int) -> None:
        """One more, or the same again."""
        if self._is_kept:
            self._single.append(number << _REASON_BITS | min(reason, MOST_REASONS - 1))
            self._added(1)

    def add_many(self, numbers: Numbers, reason: int) -> None:
        """Any number more, in any order."""
        if self._is_kept:
            self._many.append(numbers << _REASON_BITS | min(reason, MOST_REASONS - 1))
            self._added(len(numbers))

    def numbers(self) -> Numbers:
        """All records so far: sorted, each once."""
        return _distinct(self._entries() >> _REASON_BITS)

    def because_of(self, reason: int) -> Numbers:
        """The records that have this reason, sorted."""
        entries = self._entries()
        numbers: Numbers = entries[entries & (MOST_REASONS - 1) == reason] >> _REASON_BITS
        return numbers

    def _entries(self) -> Numbers:
        if self._waiting:
            single = np.frombuffer(self._single, dtype=np.int64) if self._single else self._known[:0]
            together = np.concatenate([self._known, single, *self._many])
            del single  # an array can't be emptied while something looks into it
            self._single, self._many, self._waiting = array("q"), [], 0
            together.sort()
            self._known = _distinct(together)
        return self._known

    def _added(self, count: int) -> None:
        self._waiting += count
        if self._waiting > max(_WAITING, len(self._known)):
            self._entries()


def _distinct(ordered: Numbers) -> Numbers:
    """Each once. numpy's own `unique` is slow on millions of distinct numbers."""
    return ordered[np.concatenate(([True], ordered[1:] != ordered[:-1]))] if len(ordered) else ordered
