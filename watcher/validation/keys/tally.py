"""Counts how often each of many missing values stands in a file, exactly, and shows the most frequent ones.

A value is known by its hash: some 32 bytes each, whatever the length of its text. The text is kept only while the value
is among the most frequent. That is enough: a value that is among them in the end is so, at the latest, when it is met
for the last time, since the counts of the others only grow.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from watcher.model.findings import Sample
from watcher.validation.findings.occurrences import Numbers, shown
from watcher.validation.keys.hashes import Hashes, among
from watcher.validation.keys.missing import Count, Missing, Why

_NEVER = np.iinfo(np.int64).max
#: A place is the line and, in its low bits, how many values stand before it in the same row.
_ORDINAL_BITS = 20


#: Whether it comes after those that are causes, and the sample.
_Ranked = tuple[bool, Sample]


class Tally:
    """The values of one column that its target lacks: how often each, and where first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._past: list[_Ranked] = []
        self._past_counts: dict[Why, Count] = {}
        self._texts: dict[int, str] = {}
        self._start(Missing(()))

    def begin(self, missing: Missing) -> None:
        """Count these values from now on; they differ from all before, of which the most frequent are kept."""
        self._past, self._past_counts = self._ranked(), self.counts()
        self._start(missing)

    def _start(self, missing: Missing) -> None:
        self._missing = missing
        hashes = self._hashes = missing.hashes
        self._comes_later = among(hashes, missing.consequences)
        self._counts = np.zeros(len(hashes), dtype=np.int64)
        self._places: Numbers = np.full(len(hashes), _NEVER, dtype=np.int64)
        self._records: Numbers = np.full(len(hashes), _NEVER, dtype=np.int64)
        self._texts = {}

    def add(self, hashes: Hashes, values: pl.Series, lines: Numbers, records: Numbers) -> None:
        """Count places: the hash of each value, which is one of those to count, its text, line and record number."""
        at = np.searchsorted(self._hashes, hashes)
        np.add.at(self._counts, at, 1)
        np.minimum.at(self._places, at, _places(lines))
        np.minimum.at(self._records, at, records)
        order = np.argsort(at, kind="stable")
        touched = order[np.concatenate(([True], at[order][1:] != at[order][:-1]))]
        for place in touched[self._most_frequent(at[touched])].tolist():
            self._texts[int(at[place])] = shown(values[place])
        known = np.array(list(self._texts), dtype=np.int64)
        self._texts = {i: self._texts[i] for i in known[self._most_frequent(known)].tolist()}

    def samples(self) -> list[Sample]:
        """The most frequent values, the first in the file first among equals; what comes right with others last."""
        return [sample for _, sample in self._ranked()]

    def spelt(self) -> str | None:
        """Better advice, where every value is nowhere and there in another way of writing; None elsewhere."""
        is_plain = [why.advice for why in self.counts()] == [None]
        return self._missing.spelt([each.value or "" for each in self.samples()]) if is_plain else None

    def counts(self) -> dict[Why, Count]:
        """How many values and places were met, by the reason why they are missing; causes before consequences."""
        counts = dict(self._past_counts)
        for why, hashes in self._missing.parts:
            met = self._counts[np.searchsorted(self._hashes, hashes)]
            if met.any():
                now = Count(int(np.count_nonzero(met)), int(met.sum()))
                counts[why] = counts[why].plus(now) if why in counts else now
        return dict(sorted(counts.items(), key=lambda item: item[0].is_consequence))

    def _ranked(self) -> list[_Ranked]:
        now = [
            (bool(self._comes_later[i]), self._sample(i))
            for i in sorted(self._texts, key=lambda i: int(self._places[i]))
        ]
        return sorted([*self._past, *now], key=lambda each: (each[0], -each[1].count, each[1].line or 0))[: self._most]

    def _sample(self, i: int) -> Sample:
        line = int(self._places[i]) >> _ORDINAL_BITS
        return Sample(line, int(self._records[i]), self._texts[i], int(self._counts[i]))

    def _most_frequent(self, positions: Numbers) -> Numbers:
        """Which of these positions are to be shown, as `samples` orders them: indices into them."""
        keys = (self._places[positions], -self._counts[positions], self._comes_later[positions])
        return np.lexsort(keys)[: self._most]


def _places(lines: Numbers) -> Numbers:
    """Where each value stands: those of one row come one after the other. Hashes would put them in any order."""
    begins = np.flatnonzero(np.diff(lines, prepend=-1))
    before = np.arange(len(lines)) - np.repeat(begins, np.diff(begins, append=len(lines)))
    places: Numbers = lines << _ORDINAL_BITS | np.minimum(before, (1 << _ORDINAL_BITS) - 1)
    return places
