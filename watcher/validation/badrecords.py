"""Remembers which records of a file are to be skipped, eight bytes each however often each is named."""

from __future__ import annotations

from array import array

import numpy as np

from watcher.validation.occurrences import Numbers

#: So many numbers may wait before they are sorted and made distinct.
_WAITING = 1_000_000


class BadRecords:
    """Record numbers of one file; with `is_kept` false it keeps none."""

    def __init__(self, *, is_kept: bool = True) -> None:
        self._is_kept = is_kept
        self._known: Numbers = np.zeros(0, dtype=np.int64)
        self._single = array("q")
        self._many: list[Numbers] = []
        self._waiting = 0

    def add(self, number: int) -> None:
        """One more, or the same again."""
        if self._is_kept:
            self._single.append(number)
            self._added(1)

    def add_many(self, numbers: Numbers) -> None:
        """Any number more, in any order."""
        if self._is_kept:
            self._many.append(numbers)
            self._added(len(numbers))

    def numbers(self) -> Numbers:
        """All of them so far: sorted, each once."""
        if self._waiting:
            single = np.frombuffer(self._single, dtype=np.int64) if self._single else self._known[:0]
            together = np.sort(np.concatenate([self._known, single, *self._many]))
            del single  # an array can't be emptied while something looks into it
            self._known = together[np.concatenate(([True], together[1:] != together[:-1]))]
            self._single, self._many, self._waiting = array("q"), [], 0
        return self._known

    def _added(self, count: int) -> None:
        self._waiting += count
        if self._waiting > max(_WAITING, len(self._known)):
            self.numbers()
