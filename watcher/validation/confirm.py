"""Reads a file a second time to see whether suspects are guilty: compares texts, not hashes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from watcher.model.findings import Sample
from watcher.validation.cells import BoundColumn
from watcher.validation.collect import Collector, occurrence, shown
from watcher.validation.keys import FileKeys, Suspects, among, values_of
from watcher.validation.rows import Chunk

#: Counts of more missing values than this are not kept one by one; the total stays exact.
_COUNTED_VALUES = 10_000


@dataclass(slots=True)
class _Missing:
    """The values of one column that its target does not have: how often each, and where first."""

    counts: Counter[str] = field(default_factory=Counter)
    first: dict[str, tuple[int, int]] = field(default_factory=dict)

    def add(self, value: str, line: int, number: int) -> None:
        if value in self.first or len(self.first) < _COUNTED_VALUES:
            self.counts[value] += 1
            self.first.setdefault(value, (line, number))

    def samples(self) -> Iterator[Sample]:
        """The most frequent first."""
        for value, count in self.counts.most_common():
            line, number = self.first[value]
            yield Sample(line, number, shown(value), count)


class Confirmation:
    """The second reading of one file."""

    def __init__(
        self, file: str, keys: FileKeys, suspects: Suspects, collector: Collector, incomplete: Mapping[str, str]
    ) -> None:
        self._incomplete = incomplete
        self._file, self._keys, self._suspects, self._collector = file, keys, suspects, collector
        self._first_lines: dict[tuple[str | None, ...], int] = {}
        self._missing: dict[int, _Missing] = {}

    def take(self, chunk: Chunk) -> None:
        """Look at a chunk; its nulls are taken out already."""
        if len(self._suspects.keys):
            self._duplicates(chunk)
        for bound in self._keys.references:
            hashes = self._suspects.references.get(bound.position)
            if hashes is not None and len(hashes):
                self._unknown(chunk, bound)

    def end(self) -> None:
        """Show missing values grouped, the most frequent first."""
        for bound in self._keys.references:
            if bound.position in self._missing:
                samples = self._missing[bound.position].samples()
                self._collector.show_grouped("unknown-reference", self._file, shown(bound.column.name), samples)

    def _duplicates(self, chunk: Chunk) -> None:
        hashes, has_key = self._keys.row_hashes(chunk.frame)
        rows = np.flatnonzero(among(hashes, self._suspects.keys) & has_key)
        for row in rows[np.argsort(chunk.lines[rows], kind="stable")].tolist():
            key = tuple(chunk.frame[bound.key][row] for bound in self._keys.key)
            line = int(chunk.lines[row])
            first = self._first_lines.setdefault(key, line)
            if first != line:
                self._duplicate(key, line, int(chunk.numbers[row]), first)

    def _duplicate(self, key: tuple[str | None, ...], line: int, number: int, first: int) -> None:
        names = " + ".join(bound.column.name for bound in self._keys.key)
        found = occurrence(
            "duplicate-key",
            f"the key {names} stands on line {first} already, expected it once",
            file=self._file,
            line=line,
            column=shown(names),
            record=number,
            value=shown(" + ".join(part or "" for part in key)),
        )
        self._collector.add(found, summary=f"the key {names} stands on more than one row, expected it once")

    def _unknown(self, chunk: Chunk, bound: BoundColumn) -> None:
        suspects = self._suspects.references[bound.position]
        values = values_of(chunk.frame, bound)
        advice = self._advice(bound)
        hit = among(self._keys.hasher(values["value"]), suspects)
        for row, value in values.filter(hit).iter_rows():
            line, number = int(chunk.lines[row]), int(chunk.numbers[row])
            self._missing.setdefault(bound.position, _Missing()).add(value, line, number)
            self._collector.add(
                occurrence(
                    "unknown-reference",
                    f"the value is not in {bound.column.references}, expected one that is",
                    severity=bound.column.severity,
                    file=self._file,
                    line=line,
                    column=shown(bound.column.name),
                    record=number,
                    value=shown(value),
                    advice=advice,
                )
            )

    def _advice(self, bound: BoundColumn) -> str | None:
        """The rows that are missed may be among those that could not be read."""
        reference = bound.column.references
        name = None if reference is None else self._incomplete.get(reference.file)
        return None if name is None else f"correct the rows of {name} that could not be read first"
