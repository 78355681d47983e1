"""The files of a drop as the tables of its checks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from watcher.schema.checksql import Query
from watcher.schema.model import FileSchema
from watcher.text import printable
from watcher.validation.cells.cells import BoundColumn
from watcher.validation.entries import Entry
from watcher.validation.reading.layout import Layout
from watcher.validation.reading.rows import Chunk
from watcher.validation.reading.source import Opened


@dataclass(frozen=True, slots=True)
class Table:
    """A file that came. `name` is printable; `chunks` reads its rows once more, None if they can't be read."""

    name: str
    schema: FileSchema
    bound: tuple[BoundColumn, ...] = ()
    chunks: Callable[[], Iterable[Chunk]] | None = None


def tables(opened: Opened, entries: Iterable[Entry], layouts: Mapping[str, Layout | None]) -> dict[str, Table]:
    """The files that came, by their stems; of two that follow one schema, the first that can be read.

    `layouts` holds what the first reading learnt of each file, by its name on disk.
    """
    came: dict[str, Table] = {}
    for entry in entries:
        if entry.schema is None or ((known := came.get(entry.schema.stem)) is not None and known.chunks is not None):
            continue
        layout = layouts.get(entry.name)
        if layout is None:
            came[entry.schema.stem] = Table(entry.shown, entry.schema)
        else:
            chunks = partial(_chunks, opened, entry.name, layout)
            came[entry.schema.stem] = Table(entry.shown, entry.schema, layout.header.bound, chunks)
    return came


def _chunks(opened: Opened, name: str, layout: Layout) -> Iterator[Chunk]:
    """A further reading. Raises OSError and NotRegularError."""
    with opened(name) as source:
        yield from layout.chunks(source)


def obstacle(query: Query, came: Mapping[str, Table]) -> str | None:
    """Why a check can't be done over these files, None if it can."""
    for stem, columns in query.reads.items():
        if (table := came.get(stem)) is None:
            continue
        if table.chunks is None:
            return f"the rows of {table.name} could not be read"
        there = {bound.column.name for bound in table.bound}
        for name in columns:
            column = table.schema.column(name)
            if name not in there and column is not None and column.required:
                return f"{table.name} has no column {printable(name)}"
    return None
