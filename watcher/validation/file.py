"""Checks one file: opening, header, every row; and a second reading where keys or references are suspect."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain

import polars as pl

from watcher.schema.model import FileSchema, Reference
from watcher.validation.cells.cells import CellRules
from watcher.validation.cells.rules import RowRules
from watcher.validation.findings.collect import Collector
from watcher.validation.findings.occurrences import Breaches
from watcher.validation.keys.confirm import Confirmation
from watcher.validation.keys.hashes import Hasher
from watcher.validation.keys.keys import FileKeys, PartHashes, file_keys
from watcher.validation.reading.ending import Ending
from watcher.validation.reading.garbled import Garbled
from watcher.validation.reading.layout import Layout, open_layout
from watcher.validation.reading.places import Places, RecordIndex
from watcher.validation.reading.rows import Chunk
from watcher.validation.reading.source import Source
from watcher.validation.sets.losttargets import NOTHING_GONE, Filled, LostTargets

#: Called with the file's name, the bytes read of it so far, its size in bytes, the rows read of it so far.
Progress = Callable[[str, int, int, int], None]


@dataclass(frozen=True, slots=True)
class Checked:
    """A file after its first reading.

    `unread` of its rows could not be read; `layout` and `keys` are None if none could.
    """

    rows: int
    unread: int = 0
    layout: Layout | None = None
    keys: FileKeys | None = None
    index: RecordIndex = field(default_factory=RecordIndex)


def check_file(
    source: Source,
    schema: FileSchema,
    name: str,
    *,
    collector: Collector,
    targets: Iterable[Reference],
    hasher: Hasher,
    gone: Mapping[str, str] = NOTHING_GONE,
    progress: Progress | None = None,
    jobs: int = 1,
) -> Checked:
    """The first reading of a file, in `jobs` threads; its findings go to the collector. Raises OSError.

    `gone` are the files that did not come and that it may not refer to: their names by their stems.
    """
    layout = open_layout(source, schema, name, collector)
    if layout is None:
        return Checked(0)
    may_skip = collector.policy.skips_rows(name)
    keys = file_keys(schema, layout.header.bound, targets, hasher, may_skip=may_skip)
    ending, index = Ending(layout), RecordIndex()
    lost = LostTargets(name, gone, layout.header.bound)
    rows = unread = end = 0
    for judged in layout.worked(source, _Judge(layout, keys, lost).judged, jobs=jobs):
        chunk = judged.chunk
        rows += chunk.records
        unread += chunk.records - len(chunk.numbers)
        ending.take(chunk)
        collector.add_chunk((layout.worded(fault) for fault in chunk.faults), judged.breaches)
        keys.take(judged.hashes, chunk.numbers)
        lost.take(judged.lost)
        if keys.unique:
            index.take(chunk)
        end = max(end, chunk.end)  # a block in which another encoding begins is read again from there
        if progress is not None:
            progress(name, end, source.size_bytes, rows)
    collector.add_all((*lost.found(), *ending.found(source)))
    return Checked(rows, unread, layout, keys, index)


def confirm_file(
    source: Source,
    layout: Layout,
    confirmations: Iterable[Confirmation],
    *,
    places: Places | None = None,
    jobs: int = 1,
) -> None:
    """Further readings of a file, one for each confirmation, for keys and references. Raises OSError.

    `places` are where the records stand that are to be looked at; None for all.
    """
    for confirmation in confirmations:
        for chunk in layout.chunks(source, places=places, jobs=jobs):
            confirmation.take(chunk)
        confirmation.end()


@dataclass(frozen=True, slots=True)
class _Judged:
    """What is kept of a chunk: all but its frame, what its rows break, the hashes of its keys and references.

    `lost` counts its rows that refer to files that did not come.
    """

    chunk: Chunk
    breaches: tuple[Breaches, ...]
    hashes: PartHashes
    lost: tuple[Filled, ...]


class _Judge:
    """Everything that one chunk alone can tell; it may look at several at once."""

    def __init__(self, layout: Layout, keys: FileKeys, lost: LostTargets) -> None:
        self._layout, self._keys, self._lost = layout, keys, lost
        self._cells = CellRules(layout.name, layout.header.bound)
        self._garbled = Garbled(layout.name, layout.header, layout.schema)
        self._rows = RowRules(layout.name, layout.schema.rules, layout.header.bound, layout.header.told_missing)

    def judged(self, chunk: Chunk) -> _Judged:
        many = chain.from_iterable(map(self._layout.breaches, chunk.many))
        breaches = (*many, *self._cells.broken(chunk), *self._garbled.broken(chunk), *self._rows.broken(chunk))
        hashes, lost = self._keys.hashes_of(chunk.frame), self._lost.filled(chunk)
        return _Judged(replace(chunk, frame=_NO_FRAME), breaches, hashes, lost)


_NO_FRAME = pl.DataFrame()
