"""Arrays of 64-bit hashes of texts: kept by the million, compared sorted.

numpy sorts a million of them in some milliseconds; its own `unique` and a binary search for unsorted ones take some
hundred, so everything here goes by sorting. Hashes have a random seed in each run: nobody can prepare a file whose
wrong references hit right ones by their hash.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import polars as pl

Hashes = npt.NDArray[np.uint64]
Flags = npt.NDArray[np.bool_]
Hasher = Callable[[pl.Series], Hashes]

#: Hashes that may repeat themselves are made distinct once there are so many of them.
_WAITING = 500_000
#: Up to so many known ones, a binary search for unsorted ones is quick: they stay in the processor's cache.
_FEW = 4096

NO_HASHES: Hashes = np.zeros(0, dtype=np.uint64)
_MIX = np.uint64(0x9E3779B97F4A7C15)  # the golden ratio: (a, b) and (b, a) must differ


def seeded_hasher() -> Hasher:
    """A hash of text for this run only. Null gets a hash too."""
    seed = secrets.randbits(63)
    return lambda texts: texts.hash(seed).to_numpy()


def mixed(hashes: Hashes, more: Hashes) -> Hashes:
    """The hashes of pairs."""
    both: Hashes = hashes * _MIX ^ more
    return both


def distinct(ordered: Hashes) -> Hashes:
    """Each of the sorted hashes once."""
    if len(ordered) < 2:  # noqa: PLR2004 (a pair)
        return ordered
    once: Hashes = ordered[np.concatenate(([True], ordered[1:] != ordered[:-1]))]
    return once


def repeated(ordered: Hashes) -> Hashes:
    """Those of the sorted hashes that stand there more than once, each once."""
    return distinct(ordered[1:][ordered[1:] == ordered[:-1]])


def among(hashes: Hashes, known: Hashes) -> Flags:
    """Which of the hashes are among the sorted known ones."""
    if not len(known) or not len(hashes):
        return np.zeros(len(hashes), dtype=bool)
    if len(known) <= _FEW:
        return _found(hashes, known)
    order = np.argsort(hashes)
    found = np.empty(len(hashes), dtype=bool)
    found[order] = _found(hashes[order], known)
    return found


def without(ordered: Hashes, known: Hashes) -> Hashes:
    """Those of the sorted hashes that are not among the sorted known ones."""
    if not len(known):
        return ordered
    missing: Hashes = ordered[~_found(ordered, known)]
    return missing


def _found(hashes: Hashes, known: Hashes) -> Flags:
    at = np.minimum(np.searchsorted(known, hashes), len(known) - 1)
    found: Flags = known[at] == hashes
    return found


class GrowingHashes:
    """Every hash that comes, repeated ones too: eight bytes each, at most an eighth more while it grows."""

    def __init__(self) -> None:
        self._room: Hashes = NO_HASHES.copy()
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def add(self, hashes: Hashes) -> None:
        """Keep these too."""
        length = self._length + len(hashes)
        if length > len(self._room):
            self._room.resize(length + length // 8, refcheck=False)  # in place: large arrays are not copied
        self._room[self._length : length] = hashes
        self._length = length

    def take_sorted(self) -> Hashes:
        """All of them, sorted in place; nothing is left here."""
        room, length = self._room, self._length
        self._room, self._length = NO_HASHES.copy(), 0
        ordered = room[:length]
        ordered.sort()
        return ordered


class DistinctHashes:
    """Each hash that comes once: at most eight bytes for twice as many as there are distinct ones."""

    def __init__(self) -> None:
        self._known: Hashes = NO_HASHES
        self._waiting = GrowingHashes()

    def add(self, hashes: Hashes) -> None:
        """Keep these too."""
        self._waiting.add(hashes)
        if len(self._waiting) > max(_WAITING, len(self._known)):
            self.ordered()

    def ordered(self) -> Hashes:
        """All of them so far, sorted."""
        if len(self._waiting):
            waiting = distinct(self._waiting.take_sorted())
            more = without(waiting, self._known)
            together = np.concatenate([self._known, more])
            together.sort()
            self._known = together
        return self._known
