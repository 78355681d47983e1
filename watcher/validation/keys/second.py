"""The second readings: which of the suspect keys and references of all files are wrong, parents before children.

A row that is left out of its file (`on_error: skip-rows`) is no target: what refers to it refers to nothing. So

1. A file is read again before those that refer to it. Its rows with errors, of the first reading or of this one, no
   longer count for its children.
2. Files that refer to each other, or a file that refers to itself, are read again as long as rows left out make other
   rows refer to nothing. Where that goes on for more than `ROUNDS` readings, nothing of the file is skipped: its errors
   stay errors.
3. Rows left out still count for duplicates: of two rows with one key nobody knows which is right.
4. A file that is left out as a whole (`on_error: reject-file`) still counts as a target: who refers to it did no wrong.
5. Where it is an error that a file has no rows, no reference into it is judged: all would be wrong, and that is why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
import polars as pl

from watcher.schema.model import ColumnType, Extra, Reference
from watcher.validation.cells.cells import BoundColumn
from watcher.validation.file import Checked
from watcher.validation.findings.collect import SAMPLES, Collector, occurrence
from watcher.validation.findings.occurrences import Numbers
from watcher.validation.keys.hashes import NO_HASHES, Hashes, among, without
from watcher.validation.keys.keys import FileKeys, Suspects
from watcher.validation.keys.missing import Missing, Why, empty_value, left_out, nowhere, unmet
from watcher.validation.keys.spelling import spelling_advice
from watcher.validation.keys.tally import Tally
from watcher.validation.reading.layout import Layout
from watcher.validation.reading.places import Places

#: So deep may rows follow each other out of files that refer to themselves.
ROUNDS = 100

_NO_NUMBERS: Numbers = np.zeros(0, dtype=np.int64)


@dataclass(slots=True)
class ReadOnce:
    """A file after its first reading, and what the second ones found.

    `name` is that on disk; `identity` that of the file which was read under it.
    """

    name: str
    identity: tuple[int, int, int]
    layout: Layout
    keys: FileKeys
    unread: int
    repeated: tuple[Hashes, ...]
    #: where the records of the repeated ones stand; None if that is not known, or they are many
    places: Places | None
    tallies: dict[int, Tally]
    has_rows: bool = True
    #: the missing values that were told already, by the position of the reference
    told: dict[int, Hashes] = field(default_factory=dict)

    @property
    def stem(self) -> str:
        return self.layout.schema.stem


Reread = Callable[[ReadOnce, Suspects], None]


def read_once(name: str, identity: tuple[int, int, int], checked: Checked) -> ReadOnce | None:
    """What the second readings need of a file, in as little memory as may be; None if its rows could not be read."""
    if checked.layout is None or checked.keys is None:
        return None
    tallies = {bound.position: Tally(SAMPLES) for bound in checked.keys.references}
    repeated = checked.keys.repeated()
    places = checked.index.places(checked.keys.records_of(repeated))
    return ReadOnce(
        name, identity, checked.layout, checked.keys, checked.unread, repeated, places, tallies, checked.rows > 0
    )


def families(files: Sequence[ReadOnce]) -> list[list[ReadOnce]]:
    """The files, those referred to first; files that refer to each other, in whatever many steps, are one family."""
    direct: dict[str, set[str]] = {each.stem: set() for each in files}
    for each in files:
        direct[each.stem] |= {r.file for r in each.keys.refers_to() if r.file in direct}
    # Who refers to a file reaches it and all that it reaches, so more than the file does, unless it reaches back.
    reach = {stem: _reachable(stem, direct) for stem in direct}
    found: dict[frozenset[str], list[ReadOnce]] = {}
    for each in sorted(files, key=lambda one: len(reach[one.stem])):
        family = frozenset(stem for stem in reach[each.stem] if each.stem in reach[stem])
        found.setdefault(family, []).append(each)
    return list(found.values())


def _reachable(stem: str, direct: dict[str, set[str]]) -> set[str]:
    """The file and all that it refers to, directly or not."""
    seen = {stem}
    waiting = [stem]
    while waiting:
        more = direct[waiting.pop()] - seen
        seen |= more
        waiting += more
    return seen


class SecondReadings:
    """All second readings of one validation. `reread` reads a file for some suspects and tells the collector."""

    def __init__(self, files: Sequence[ReadOnce], collector: Collector, reread: Reread) -> None:
        self._files, self._collector, self._reread = files, collector, reread

    def run(self) -> None:
        """Read every file with suspects again."""
        for family in families(self._files):
            for each in family:
                self._read(each, Suspects(each.repeated, self._missing(each)))
            if any(self._skips_rows(each) for each in family) and _refers_inside(family):
                self._follow(family)

    def _follow(self, family: list[ReadOnce]) -> None:
        """Read the files again while rows left out make more of their rows refer to nothing."""
        for _ in range(ROUNDS):
            news = [(each, missing) for each in family if (missing := self._missing(each))]
            if not news:
                return
            for each, missing in news:
                self._read(each, Suspects((), missing))
        for each in family:
            if self._skips_rows(each):
                self._give_up(each.layout.name)

    def _give_up(self, name: str) -> None:
        self._collector.unskip((name,))
        message = f"rows refer to rows that are left out, and these to others, more than {ROUNDS} in a row"
        self._collector.add(occurrence("too-many-skipped-rows", message, file=name))

    def _read(self, each: ReadOnce, suspects: Suspects) -> None:
        if suspects:
            self._reread(each, suspects)

    def _skips_rows(self, each: ReadOnce) -> bool:
        return self._collector.policy.skips_rows(each.layout.name)

    def _missing(self, each: ReadOnce) -> dict[int, Missing]:
        """What the references of a file lack and what was not told yet, by position; nothing for one that is sound."""
        found: dict[int, Missing] = {}
        for bound, reference, values in each.keys.referred():
            target = self._target(reference)
            if target is None or self._rejects_for_no_rows(target):
                continue
            hashes = without(values, self._values(target, reference, self._left_out(target)))
            told = each.told.get(bound.position, NO_HASHES)
            hashes = without(hashes, told)
            if len(hashes):
                found[bound.position] = self._explained(hashes, target, bound, reference)
                each.told[bound.position] = np.sort(np.concatenate([told, hashes]))
        return found

    def _explained(self, hashes: Hashes, target: ReadOnce, bound: BoundColumn, reference: Reference) -> Missing:
        """The missing values with what is to be said of each: some are in the target's file all the same."""
        name = target.layout.name
        known: list[tuple[Why, Hashes]] = []
        if bound.column.type is ColumnType.ARRAY:
            known.append((empty_value(reference), target.keys.hasher(pl.Series([""]))))
        if len(self._left_out(target)):
            known.append((left_out(reference, name), self._values(target, reference, _NO_NUMBERS)))
        if reference.where:
            known.append((unmet(reference), self._values(target, replace(reference, where=()), _NO_NUMBERS)))
        parts: list[tuple[Why, Hashes]] = []
        for why, those in known:
            parts.append((why, hashes[among(hashes, those)]))
            hashes = without(hashes, those)
        parts.insert(0, (nowhere(reference, name if target.unread else None), hashes))
        spelt = partial(self._spelt, target, reference)
        return Missing(tuple((why, those) for why, those in parts if len(those)), spelt)

    def _spelt(self, target: ReadOnce, reference: Reference, texts: Sequence[str]) -> str | None:
        """The advice where these values are in the target in another way of writing."""
        known, hasher = self._values(target, reference, self._left_out(target)), target.keys.hasher
        return spelling_advice(
            texts, reference, lambda ways: bool(among(hasher(pl.Series(ways, dtype=pl.String)), known).any())
        )

    def _target(self, reference: Reference) -> ReadOnce | None:
        """The file that is referred to, if it came and its header has what is referred to."""
        same = (each for each in self._files if each.stem == reference.file and reference in each.keys.targets)
        return next(same, None)

    def _rejects_for_no_rows(self, target: ReadOnce) -> bool:
        schema, name = target.layout.schema, target.layout.name
        is_error = schema.header_only is Extra.ERROR and not self._collector.policy.tolerates("header-only", name, None)
        return is_error and not target.has_rows

    def _left_out(self, target: ReadOnce) -> Numbers:
        return self._collector.bad_records(target.layout.name)

    def _values(self, target: ReadOnce, reference: Reference, left_out: Numbers) -> Hashes:
        return target.keys.targets[reference].values(left_out)


def _refers_inside(family: Iterable[ReadOnce]) -> bool:
    stems = {each.stem for each in family}
    return any(reference.file in stems for each in family for reference in each.keys.refers_to())
