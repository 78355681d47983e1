"""Remembers which records of a file are to be skipped and why: eight bytes for each record and reason."""

from __future__ import annotations

from array import array
from collections import Counter

import numpy as np

from watcher.model.codes import CODES
from watcher.model.report import Reason
from watcher.validation.findings.occurrences import Numbers

#: So many entries may wait before they are sorted and made distinct.
_WAITING = 1_000_000
#: An entry is the record number, shifted, and the reason's number in the low bits.
_REASON_BITS = 16
#: More reasons than this share the last number.
MOST_REASONS = 1 << _REASON_BITS
#: What is wrong in more ways than these with a column, or with rows as such, is told in the words of the code.
_MOST_MESSAGES = 100


class BadRecords:
    """Record numbers of one file, each with the numbers of its reasons, from 0; with `is_kept` false it keeps none."""

    def __init__(self, *, is_kept: bool = True) -> None:
        self._is_kept = is_kept
        self._known: Numbers = np.zeros(0, dtype=np.int64)
        self._single = array("q")
        self._many: list[Numbers] = []
        self._waiting = 0
        self._reasons: dict[tuple[str, str | None, str], int] = {}
        self._messages: Counter[tuple[str, str | None]] = Counter()

    def because(self, code: str, column: str | None, message: str, records: int | Numbers) -> None:
        """Add a record, or several, with a reason in words that are true of each of them."""
        reason = self._reason(code, column, message)
        if isinstance(records, int):
            self.add(records, reason)
        else:
            self.add_many(records, reason)

    def reasons(self) -> tuple[Reason, ...]:
        """All reasons given in words, each with its records, in the order in which they were first met."""
        return tuple(
            Reason(*words, array("q", self.because_of(number).tobytes()))
            for words, number in self._reasons.items()
            if number < MOST_REASONS - 1
        )

    def _reason(self, code: str, column: str | None, message: str) -> int:
        known = self._reasons.get((code, column, message))
        if known is not None:
            return known
        self._messages[code, column] += 1
        words = message if self._messages[code, column] <= _MOST_MESSAGES else CODES[code].meaning
        return self._reasons.setdefault((code, column, words), len(self._reasons))

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
