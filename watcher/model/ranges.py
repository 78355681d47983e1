"""Sorted whole numbers as ranges: `2, 3, 4, 9` is `(2, 4), (9, 9)`, first and last of each run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

Ranges = tuple[tuple[int, int], ...]


def to_ranges(numbers: Iterable[int]) -> Ranges:
    """The runs of sorted numbers."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and number <= runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return tuple(runs)


def numbers_in(ranges: Iterable[tuple[int, int]]) -> Iterator[int]:
    """The numbers, in order."""
    for first, last in ranges:
        yield from range(first, last + 1)
