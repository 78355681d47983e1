from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from watcher.model.ranges import numbers_in, to_ranges


def test_ranges_are_the_runs() -> None:
    assert to_ranges([2, 3, 4, 9]) == ((2, 4), (9, 9))
    assert to_ranges([]) == ()


@given(st.sets(st.integers(1, 60)))
def test_ranges_and_back(numbers: set[int]) -> None:
    ranges = to_ranges(sorted(numbers))
    assert list(numbers_in(ranges)) == sorted(numbers)
    assert all(first - last > 1 for (_, last), (first, _) in pairwise(ranges))
