"""Remembers keys and references of whole files in eight bytes each, to find *suspects*.

That is a hash that stands twice, or one that the file referred to does not have.

A suspect is not a finding: two keys may share a hash. The second reading (`confirm`) compares the texts. Hashes have a
random seed in each run, so that nobody can prepare a file whose wrong references hit right ones by their hash.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

from watcher.schema.model import ColumnType, FileSchema
from watcher.validation.cells import BoundColumn

Hashes = npt.NDArray[np.uint64]
Hasher = Callable[[pl.Series], Hashes]

#: As many suspect keys are compared in one reading of their file.
KEYS_AT_ONCE = 500_000

_NONE: Hashes = np.zeros(0, dtype=np.uint64)
_MIX = np.uint64(0x9E3779B97F4A7C15)  # the golden ratio: (a, b) and (b, a) must differ


def seeded_hasher() -> Hasher:
    """A hash of text for this run only. Null gets a hash too."""
    seed = secrets.randbits(63)
    return lambda texts: texts.hash(seed).to_numpy()


@dataclass(frozen=True, slots=True)
class Suspects:
    """Hashes to look at again in one file, each array sorted: of its key, and of its references by position."""

    keys: Hashes
    references: dict[int, Hashes]

    def parts(self, limit: int = KEYS_AT_ONCE) -> Iterator[Suspects]:
        """The same in parts of at most so many keys, since the texts of each part are kept in memory."""
        yield Suspects(self.keys[:limit], self.references)
        for start in range(limit, len(self.keys), limit):
            yield Suspects(self.keys[start : start + limit], {})

    def __bool__(self) -> bool:
        return bool(len(self.keys) or any(len(hashes) for hashes in self.references.values()))


@dataclass(slots=True)
class FileKeys:
    """The hashes of one file. `targets` are the positions of columns that others refer to, by column name."""

    key: tuple[BoundColumn, ...]
    references: tuple[BoundColumn, ...]
    targets: dict[str, BoundColumn]
    hasher: Hasher
    _rows: list[Hashes] = field(default_factory=list)
    _values: dict[int, list[Hashes]] = field(default_factory=dict)

    def take(self, frame: pl.DataFrame) -> None:
        """Remember a chunk."""
        if self.key:
            hashes, has_key = self.row_hashes(frame)
            self._rows.append(hashes[has_key])
        for bound in {b.position: b for b in (*self.references, *self.targets.values())}.values():
            hashes = self.hasher(values_of(frame, bound)["value"].unique())
            self._values.setdefault(bound.position, []).append(hashes)

    def row_hashes(self, frame: pl.DataFrame) -> tuple[Hashes, npt.NDArray[np.bool_]]:
        """The hash of each row's key, and whether it has one: at least one of its cells is not empty."""
        hashes = np.zeros(frame.height, dtype=np.uint64)
        has_key = np.zeros(frame.height, dtype=bool)
        for bound in self.key:
            cells = frame[bound.key]
            hashes = hashes * _MIX ^ self.hasher(cells)
            has_key |= cells.is_not_null().to_numpy()
        return hashes, has_key

    def values(self, column: str) -> Hashes | None:
        """The hashes of a column that others refer to, sorted; None if the file does not have it."""
        bound = self.targets.get(column)
        return None if bound is None else _distinct(self._values.get(bound.position, []))

    def suspects(self, values_of_target: Callable[[str, str], Hashes | None]) -> Suspects:
        """What has to be looked at again, given the values of each target (file, column), None for an absent one."""
        missing: dict[int, Hashes] = {}
        for bound in self.references:
            if (reference := bound.column.references) is not None:
                known = values_of_target(reference.file, reference.column)
                if known is not None:
                    missing[bound.position] = _without(_distinct(self._values.get(bound.position, [])), known)
        return Suspects(_repeated(self._rows), missing)


def file_keys(schema: FileSchema, bound: tuple[BoundColumn, ...], targets: Iterable[str], hasher: Hasher) -> FileKeys:
    """What is to be remembered of a file; a key that is not whole in the header is none."""
    by_name = {b.column.name: b for b in bound}
    has_key = all(name in by_name for name in schema.key)
    return FileKeys(
        key=tuple(by_name[name] for name in schema.key) if has_key else (),
        references=tuple(b for b in bound if b.column.references is not None),
        targets={name: by_name[name] for name in targets if name in by_name},
        hasher=hasher,
    )


def values_of(frame: pl.DataFrame, bound: BoundColumn) -> pl.DataFrame:
    """The values of a column's cells, those of an array one by one: columns `row` (of the frame) and `value`."""
    rows = pl.int_range(frame.height, dtype=pl.UInt32, eager=True).alias("row")
    values = pl.DataFrame([rows, frame[bound.key].alias("value")]).drop_nulls()
    if bound.column.type is ColumnType.ARRAY:
        values = values.with_columns(pl.col("value").str.split(bound.column.separator)).explode("value")
    return values


def among(hashes: Hashes, known: Hashes) -> npt.NDArray[np.bool_]:
    """Which of the hashes are among the sorted known ones."""
    if not len(known):
        return np.zeros(len(hashes), dtype=bool)
    at = np.minimum(np.searchsorted(known, hashes), len(known) - 1)
    found: npt.NDArray[np.bool_] = known[at] == hashes
    return found


def _distinct(parts: list[Hashes]) -> Hashes:
    """Sorted, each once. numpy's own `unique` is slow on millions of distinct numbers."""
    ordered = np.sort(np.concatenate(parts)) if parts else _NONE
    distinct: Hashes = ordered[np.concatenate(([True], ordered[1:] != ordered[:-1]))] if len(ordered) else ordered
    return distinct


def _repeated(parts: list[Hashes]) -> Hashes:
    ordered = np.sort(np.concatenate(parts)) if parts else _NONE
    return _distinct([ordered[1:][ordered[1:] == ordered[:-1]]])


def _without(hashes: Hashes, known: Hashes) -> Hashes:
    missing: Hashes = hashes[~among(hashes, known)]
    return missing
