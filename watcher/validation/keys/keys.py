"""Remembers keys, unique values and references of whole files in eight bytes each, to find *suspects*.

That is a hash that stands twice, or one that the file referred to does not have.

A suspect is not a finding: two keys may share a hash. The second reading (`confirm`) compares the texts. The other way
round a wrong reference could only be missed if its hash were that of a right one: of a million values, once in some
billion runs with a million wrong ones each, and in no way that could be prepared, since each run has its own seed.

What counts:

1. Texts are compared as they stand in the file: `1` and `01` are two keys. Texts that a column counts as empty are.
2. A row without a text in any cell of its key has no key. In a key of several columns an empty cell beside one that is
   not is a part like any other: two rows `A,` have the same key.
3. A column that must be unique may be empty on any number of rows.
4. A key of which a column is missing in the header is not judged; nor is a reference whose file did not come, could not
   be read, or lacks the column referred to. Each of these has its own finding, if it is wrong at all: a million unknown
   references beside it would say nothing more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl

from watcher.schema.model import FileSchema, Reference
from watcher.validation.cells.cells import BoundColumn
from watcher.validation.findings.occurrences import Numbers
from watcher.validation.keys.hashes import (
    DistinctHashes,
    Flags,
    Hasher,
    Hashes,
    mixed,
)
from watcher.validation.keys.missing import Missing
from watcher.validation.keys.rowhashes import NO_NUMBERS, RowHashes
from watcher.validation.keys.targets import FrameHashes, Target, TargetPart

#: The texts of as many suspect keys are kept in one reading of their file.
KEYS_AT_ONCE = 250_000


@dataclass(frozen=True, slots=True)
class Unique:
    """Columns whose texts together may stand on one row only: the key of a file, or one column that is unique."""

    columns: tuple[BoundColumn, ...]
    is_key: bool = True

    @property
    def names(self) -> str:
        """`school + number`."""
        return " + ".join(bound.column.name for bound in self.columns)

    def row_hashes(self, frame: FrameHashes) -> tuple[Hashes, Flags]:
        """The hash of each row's texts, and whether it has any: at least one of the cells is not empty."""
        first, *others = self.columns
        hashes, has_text = frame.cells(first), frame.has_text(first)
        for bound in others:
            hashes = mixed(hashes, frame.cells(bound))
            has_text = has_text | frame.has_text(bound)
        return hashes, has_text


@dataclass(frozen=True, slots=True)
class Suspects:
    """What to look at again in one file: repeated hashes by `Unique`, missing ones by the position of a reference."""

    keys: tuple[Hashes, ...] = ()
    references: dict[int, Missing] = field(default_factory=dict)

    def parts(self, limit: int = KEYS_AT_ONCE) -> Iterator[Suspects]:
        """The same in parts of at most so many keys each, since the texts of a part are kept in memory."""
        longest = max((len(hashes) for hashes in self.keys), default=0)
        for start in range(0, max(longest, 1), limit):
            keys = tuple(hashes[start : start + limit] for hashes in self.keys)
            yield Suspects(keys, {} if start else self.references)

    def __bool__(self) -> bool:
        return any(len(hashes) for hashes in self.keys) or any(m.parts for m in self.references.values())


@dataclass(frozen=True, slots=True)
class PartHashes:
    """The hashes of one chunk: by `Unique`, by reference, by target. Made in any thread, without regard to order.

    `has_text`: which rows of the chunk the hashes of each `Unique` are of.
    """

    unique: tuple[Hashes, ...]
    has_text: tuple[Flags, ...]
    references: tuple[Hashes, ...]
    targets: tuple[TargetPart, ...]


@dataclass(frozen=True, slots=True)
class FileKeys:
    """The hashes of one file. `targets` are what others refer to in it; those of `references` it refers to itself."""

    unique: tuple[Unique, ...]
    references: tuple[BoundColumn, ...]
    targets: dict[Reference, Target]
    hasher: Hasher
    _rows: tuple[RowHashes, ...]
    _values: tuple[DistinctHashes, ...]

    def hashes_of(self, frame: pl.DataFrame) -> PartHashes:
        """The hashes of a chunk's rows. Changes nothing: it may run in several threads at once."""
        found = FrameHashes(frame, self.hasher)
        unique = [each.row_hashes(found) for each in self.unique]
        return PartHashes(
            unique=tuple(hashes[has_text] for hashes, has_text in unique),
            has_text=tuple(has_text for _, has_text in unique),
            references=tuple(found.values(bound) for bound in self.references),
            targets=tuple(target.part_of(found) for target in self.targets.values()),
        )

    def take(self, part: PartHashes, numbers: Numbers) -> None:
        """Remember a chunk's hashes; `numbers` are the record numbers of its rows."""
        for rows, hashes, has_text in zip(self._rows, part.unique, part.has_text, strict=True):
            rows.add(hashes, numbers if len(hashes) == len(numbers) else numbers[has_text])
        for values, hashes in zip(self._values, part.references, strict=True):
            values.add(hashes)
        for target, target_part in zip(self.targets.values(), part.targets, strict=True):
            target.take(target_part, numbers)

    def repeated(self) -> tuple[Hashes, ...]:
        """The hashes that stand on several rows, by `Unique`."""
        return tuple(rows.repeated() for rows in self._rows)

    def records_of(self, suspects: tuple[Hashes, ...]) -> Numbers:
        """The record numbers of the rows that have one of the repeated hashes, sorted. The rows are forgotten then."""
        found = (rows.records_of(hashes) for rows, hashes in zip(self._rows, suspects, strict=True))
        return np.sort(np.concatenate([NO_NUMBERS, *found]))

    def refers_to(self) -> tuple[Reference, ...]:
        """What the file refers to."""
        return tuple(b.column.references for b in self.references if b.column.references is not None)

    def referred(self) -> Iterator[tuple[BoundColumn, Reference, Hashes]]:
        """Each reference with the distinct hashes of its values, sorted."""
        for bound, values in zip(self.references, self._values, strict=True):
            if bound.column.references is not None:
                yield bound, bound.column.references, values.ordered()


def file_keys(
    schema: FileSchema,
    bound: tuple[BoundColumn, ...],
    targets: Iterable[Reference],
    hasher: Hasher,
    *,
    may_skip: bool = False,
) -> FileKeys:
    """What is to be remembered of a file. `may_skip`: some of its rows may be left out, and then count as no targets.

    `targets` are the references that any file has to this one.
    """
    by_name = {b.column.name: b for b in bound}
    has_key = schema.key and all(name in by_name for name in schema.key)
    key = (Unique(tuple(by_name[name] for name in schema.key)),) if has_key else ()
    unique = (Unique((b,), is_key=False) for b in bound if b.column.unique and schema.key != (b.column.name,))
    both = (*key, *unique)
    references = tuple(b for b in bound if b.column.references is not None)
    wanted = {form for reference in targets for form in (reference, replace(reference, where=()))}
    found = {each: target for each in wanted if (target := _target(each, by_name, keeps_records=may_skip)) is not None}
    return FileKeys(
        unique=both,
        references=references,
        targets=found,
        hasher=hasher,
        _rows=tuple(RowHashes() for _ in both),
        _values=tuple(DistinctHashes() for _ in references),
    )


def _emptied(texts: tuple[str, ...], bound: BoundColumn) -> tuple[str, ...]:
    """The texts of a condition, those that count as empty in its column as the empty text."""
    return tuple("" if text in bound.column.nulls else text for text in texts)


def _target(reference: Reference, by_name: dict[str, BoundColumn], *, keeps_records: bool) -> Target | None:
    """None if the header lacks the column, or one of `where`."""
    names = (reference.column, *(name for name, _ in reference.where))
    if not all(name in by_name for name in names):
        return None
    where = tuple((by_name[name].key, _emptied(texts, by_name[name])) for name, texts in reference.where)
    return Target(by_name[reference.column], where, keeps_records)
