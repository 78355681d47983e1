"""Checks one file: opening, header, every row; and a second reading where keys or references are suspect."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from watcher.schema.model import FileSchema, Reference
from watcher.validation.cells import CellRules
from watcher.validation.collect import Collector
from watcher.validation.confirm import Confirmation
from watcher.validation.ending import Ending
from watcher.validation.hashes import Hasher
from watcher.validation.keys import FileKeys, file_keys
from watcher.validation.layout import Layout, open_layout
from watcher.validation.rules import RowRules
from watcher.validation.source import Source

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


def check_file(
    source: Source,
    schema: FileSchema,
    name: str,
    *,
    collector: Collector,
    targets: Iterable[Reference],
    hasher: Hasher,
    progress: Progress | None = None,
) -> Checked:
    """The first reading of a file; its findings go to the collector. Raises OSError."""
    layout = open_layout(source, schema, name, collector)
    if layout is None:
        return Checked(0)
    ending = Ending(layout)
    may_skip = collector.policy.skips_rows(name)
    keys = file_keys(schema, layout.header.bound, targets, hasher, may_skip=may_skip)
    cell_rules = CellRules(name, layout.header.bound)
    row_rules = RowRules(name, schema.rules, layout.header.bound)
    rows = unread = 0
    for chunk in layout.chunks(source):
        rows += chunk.records
        unread += chunk.records - chunk.frame.height
        faults = (layout.worded(fault) for fault in chunk.faults)
        many = (layout.breaches(each) for each in chunk.many)
        ending.take(chunk)
        collector.add_chunk(faults, (*many, *cell_rules.broken(chunk), *row_rules.broken(chunk)))
        keys.take(keys.hashes_of(chunk.frame), chunk.numbers)
        if progress is not None:
            progress(name, chunk.end, source.size_bytes, rows)
    collector.add_all(ending.found(source))
    return Checked(rows, unread, layout, keys)


def confirm_file(source: Source, layout: Layout, confirmations: Iterable[Confirmation]) -> None:
    """Further readings of a file, one for each confirmation, for keys and references. Raises OSError."""
    for confirmation in confirmations:
        for chunk in layout.chunks(source):
            confirmation.take(chunk)
        confirmation.end()
