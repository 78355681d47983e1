"""Arrays of hashes: sorted, distinct, repeated, missing; and the counts of missing values."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.schema.model import Reference
from watcher.validation.keys import hashes as module
from watcher.validation.keys.hashes import DistinctHashes, GrowingHashes, Hashes, among, distinct, repeated, without
from watcher.validation.keys.missing import Count, Missing, left_out, nowhere
from watcher.validation.keys.tally import Tally

NUMBERS = st.lists(st.integers(0, 20), max_size=60)


def array(numbers: list[int]) -> Hashes:
    return np.array(numbers, dtype=np.uint64)


@given(numbers=NUMBERS, known=NUMBERS, few=st.sampled_from([0, 4096]))
def test_hashes_are_found_as_in_sets(numbers: list[int], known: list[int], few: int) -> None:
    ordered = array(sorted(numbers))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_FEW", few)
        assert among(array(numbers), array(sorted(known))).tolist() == [n in known for n in numbers]
    assert distinct(ordered).tolist() == sorted(set(numbers))
    assert repeated(ordered).tolist() == sorted(n for n in set(numbers) if numbers.count(n) > 1)
    assert without(ordered, array(sorted(known))).tolist() == [n for n in sorted(numbers) if n not in known]


@given(parts=st.lists(NUMBERS, max_size=8))
def test_hashes_that_are_kept_are_all_that_came(parts: list[list[int]]) -> None:
    growing, once = GrowingHashes(), DistinctHashes()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_WAITING", 10)
        for part in parts:
            growing.add(array(part))
            once.add(array(part))
    together = sorted(number for part in parts for number in part)
    assert growing.take_sorted().tolist() == together
    assert len(growing) == 0
    assert once.ordered().tolist() == sorted(set(together))
    assert once.ordered().tolist() == sorted(set(together))


def test_growing_hashes_take_little_more_than_eight_bytes_each() -> None:
    growing = GrowingHashes()
    for _ in range(100):
        growing.add(np.zeros(1000, dtype=np.uint64))
    assert growing._room.nbytes < 8 * 100_000 * 1.13


@given(parts=st.lists(st.lists(st.integers(1, 9), min_size=1, max_size=20), max_size=6), most=st.integers(1, 4))
def test_tally_shows_the_most_frequent_values_with_exact_counts(parts: list[list[int]], most: int) -> None:
    """The first in the file among equals, whatever the chunks."""
    tally = Tally(most)
    tally.begin(missing(list(range(1, 10))))
    line = 0
    for part in parts:
        lines = np.arange(line, line + len(part), dtype=np.int64)
        tally.add(array(part), pl.Series([f"v{n}" for n in part]), lines, lines + 1)
        line += len(part)
    together = [n for part in parts for n in part]
    best = sorted(set(together), key=lambda n: (-together.count(n), together.index(n)))[:most]
    told = [(s.value, s.count, s.line, s.record) for s in tally.samples()]
    assert told == [(f"v{n}", together.count(n), together.index(n), together.index(n) + 1) for n in best]


def missing(causes: list[int], consequences: Sequence[int] = ()) -> Missing:
    reference = Reference("orgs", "id")
    parts = ((nowhere(reference), causes), (left_out(reference, "orgs.csv"), consequences))
    return Missing(tuple((why, array(sorted(set(numbers)))) for why, numbers in parts))


def test_tally_shows_causes_before_what_comes_right_with_them() -> None:
    tally = Tally(3)
    rounds: list[tuple[list[int], list[int]]] = [([1], [2]), ([], [3])]
    for causes, consequences in rounds:
        tally.begin(missing(causes, consequences))
        numbers = [*consequences * 5, *causes]
        places = np.arange(len(numbers), dtype=np.int64)
        tally.add(array(numbers), pl.Series(map(str, numbers)), places, places)
    assert [(s.value, s.count) for s in tally.samples()] == [("1", 1), ("2", 5), ("3", 5)]
    assert [(why.is_consequence, count) for why, count in tally.counts().items()] == [
        (False, Count(1, 1)),
        (True, Count(2, 10)),
    ]


def test_tally_begun_anew_shows_the_most_frequent_of_all() -> None:
    tally = Tally(2)
    for numbers in ([1, 2, 2], [3, 3, 3], [4]):
        tally.begin(missing(numbers))
        places = np.arange(len(numbers), dtype=np.int64)
        tally.add(array(numbers), pl.Series(map(str, numbers)), places, places)
    assert [(s.value, s.count) for s in tally.samples()] == [("3", 3), ("2", 2)]
