"""The hashes of all rows of a file, in file order, with the numbers of their records: eight bytes a row, most often.

What stands twice is found by sorting a copy, and that a share at a time, so that at most a quarter is copied.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from watcher.validation.findings.occurrences import Numbers
from watcher.validation.keys.hashes import NO_HASHES, Hashes, among, repeated

#: In files with fewer rows everything is sorted at once.
_MANY = 1_000_000
#: The hashes with the same two highest bits are a share.
_SHARES = 4
_LOW_BITS = np.uint64(62)

NO_NUMBERS: Numbers = np.zeros(0, dtype=np.int64)

#: The least of some record numbers, and how far the others are from it; None if they follow one another.
_Numbers = tuple[int, npt.NDArray[np.uint32] | None]


class RowHashes:
    """The hashes of one key, or of one column that is unique."""

    def __init__(self) -> None:
        self._parts: list[tuple[Hashes, _Numbers]] = []

    def add(self, hashes: Hashes, numbers: Numbers) -> None:
        """Keep the hashes of some more rows, and their record numbers, in any order."""
        if len(hashes):
            # A copy: what another thread made lies among what it soon frees, and would keep that from being given back.
            self._parts.append((hashes.copy(), _compact(numbers)))

    def repeated(self) -> Hashes:
        """The hashes that stand on several rows, each once, sorted."""
        if sum(len(hashes) for hashes, _ in self._parts) < _MANY:
            return repeated(_sorted([hashes for hashes, _ in self._parts]))
        return np.concatenate([repeated(self._share(share)) for share in range(_SHARES)])

    def records_of(self, wanted: Hashes) -> Numbers:
        """The record numbers of the rows that have one of these hashes, sorted ones; nothing is left here."""
        found = [_spread(numbers, len(hashes))[among(hashes, wanted)] for hashes, numbers in self._parts]
        self._parts.clear()
        return np.concatenate([NO_NUMBERS, *found])

    def _share(self, share: int) -> Hashes:
        return _sorted([hashes[hashes >> _LOW_BITS == share] for hashes, _ in self._parts])


def _sorted(parts: list[Hashes]) -> Hashes:
    together: Hashes = np.concatenate([NO_HASHES, *parts])
    together.sort()
    return together


def _compact(numbers: Numbers) -> _Numbers:
    first = int(numbers.min())  # rows that were looked at one by one stand behind the others
    if first == numbers[0] and bool((np.diff(numbers) == 1).all()):
        return first, None
    return first, (numbers - first).astype(np.uint32)


def _spread(numbers: _Numbers, length: int) -> Numbers:
    first, further = numbers
    return first + (np.arange(length, dtype=np.int64) if further is None else further.astype(np.int64))
