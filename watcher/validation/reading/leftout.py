"""The rows of a file that are left out, by their record numbers: a chunk without them, and the lines they stand on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from watcher.validation.findings.occurrences import Numbers
from watcher.validation.reading.rows import Chunk


@dataclass(frozen=True, slots=True)
class Lines:
    """Physical lines from `first` up to and without `behind`; None: to the end of the file."""

    first: int
    behind: int | None


def record_numbers(skip: Iterable[int]) -> Numbers:
    """Record numbers as a sorted array, each once."""
    return np.array(sorted(set(skip)), dtype=np.int64)


def without(chunk: Chunk, skip: Numbers) -> Chunk:
    """The chunk without the rows and faults of these records; its `records` still counts them."""
    if not len(skip):
        return chunk
    keep = ~np.isin(chunk.numbers, skip)
    faults = [fault for fault in chunk.all_faults() if fault.record is None or not _holds(skip, fault.record)]
    if keep.all():
        return replace(chunk, faults=tuple(faults), many=())
    rows = np.cumsum(keep) - 1
    return replace(
        chunk,
        frame=chunk.frame.filter(keep),
        lines=chunk.lines[keep],
        numbers=chunk.numbers[keep],
        faults=tuple(faults),
        many=(),
        damaged=frozenset((int(rows[row]), column) for row, column in chunk.damaged if keep[row]),
    )


def lines_of(chunks: Iterable[Chunk], wanted: Numbers) -> Iterator[Lines]:
    """The lines on which these records stand, in order, those of neighbours together.

    A record ends where the next one, or a blank line, begins.
    """
    begun: int | None = None
    for chunk in chunks:
        lines, numbers = starts(chunk)
        edges = np.flatnonzero(np.diff(np.isin(numbers, wanted), prepend=begun is not None))
        for line in lines[edges].tolist():
            if begun is None:
                begun = line
            else:
                yield Lines(begun, line)
                begun = None
    if begun is not None:
        yield Lines(begun, None)


def starts(chunk: Chunk) -> tuple[Numbers, Numbers]:
    """The line on which each record or blank line of a chunk begins, in order, and its number; 0 for a blank line.

    A record with several faults comes as often.
    """
    faulty = [fault for fault in chunk.all_faults() if fault.record is not None or fault.code == "blank-line"]
    lines = np.concatenate([chunk.lines, np.array([fault.first_line for fault in faulty], dtype=np.int64)])
    numbers = np.concatenate([chunk.numbers, np.array([fault.record or 0 for fault in faulty], dtype=np.int64)])
    order = np.argsort(lines, kind="stable")
    return lines[order], numbers[order]


def _holds(ordered: Numbers, number: int) -> bool:
    at = int(np.searchsorted(ordered, number))
    return at < len(ordered) and int(ordered[at]) == number
