"""Compares what was found in a damaged file with what was planted in it."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import watcher
from bench.rosters import DATASET
from bench.rosters.kinds import Mistake
from watcher.schema import read_dataset

#: As a peer tells it: line None, column or code empty, where it can't tell.
Found = tuple[int | None, str, str]


@dataclass(frozen=True, slots=True)
class Match:
    """How well a tool did.

    `found` are planted errors of which it told the column and the code, wherever it put them; `right_lines` those of
    them that it told on their very line; `besides` is what it told and nobody planted.
    """

    planted: int
    found: int
    right_lines: int
    besides: int

    @property
    def is_exact(self) -> bool:
        return self.planted == self.right_lines and not self.besides


def match(planted: Iterable[Mistake], found: Iterable[Found]) -> Match:
    """Both are compared as often as they were told."""
    truth, told = _counted(planted), Counter(found)
    kinds, kinds_told = _without_lines(truth), _without_lines(told)
    known = (kinds & kinds_told).total()
    return Match(truth.total(), known, (truth & told).total(), told.total() - known)


def ours(path: Path) -> list[Found]:
    """Everything that the validator finds in a file or folder: each single occurrence."""
    found: list[Found] = []
    watcher.validate(
        path,
        read_dataset(DATASET),
        sink=lambda one: found.append((one.line, one.column or "", one.code)),
    )
    return found


def difference(planted: Iterable[Mistake], found: Iterable[Found], most: int = 10) -> tuple[str, ...]:
    """The first lines on which the two differ, in words; nothing if they are the same."""
    truth, told = _counted(planted), Counter(found)
    missing = [f"line {line}: {code} {column} was planted and not found" for line, column, code in (truth - told)]
    besides = [f"line {line}: {code} {column} was found and not planted" for line, column, code in (told - truth)]
    return (*missing[:most], *besides[:most])


def read_found(path: Path) -> list[Found]:
    """The errors that a peer wrote."""
    with path.open(newline="") as stream:
        return [(int(line) if line else None, column, code) for line, column, code in csv.reader(stream)]


def _counted(planted: Iterable[Mistake]) -> Counter[Found]:
    return Counter((mistake.line, mistake.column, mistake.code) for mistake in planted)


def _without_lines(errors: Counter[Found]) -> Counter[tuple[str, str]]:
    kinds: Counter[tuple[str, str]] = Counter()
    for (_, column, code), count in errors.items():
        kinds[column, code] += count
    return kinds
