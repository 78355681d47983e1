"""Reads the rows of a manifest: names and values, with the lines that they stand on."""

from __future__ import annotations

from dataclasses import dataclass

from watcher.schema.model import FileSchema, Manifest
from watcher.validation.findings.collect import Collector
from watcher.validation.reading.layout import open_layout
from watcher.validation.reading.rows import Chunk
from watcher.validation.reading.source import Source

#: Rows behind these are not looked at; no manifest has a tenth as many.
MOST_ROWS = 1_000


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a manifest. `value` is None for an empty cell; `line` and `record` are 1-based."""

    line: int
    record: int
    name: str
    value: str | None


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows with a name, in file order. `is_whole` if no other row of the manifest has one, as far as is known."""

    rows: tuple[Row, ...]
    is_whole: bool
    is_too_long: bool


def read_rows(source: Source, schema: FileSchema, file: str, manifest: Manifest) -> Rows | None:
    """The rows of a manifest; None if it lacks one of the two columns, or can't be read. Raises OSError."""
    layout = open_layout(source, schema, file, Collector())  # what is wrong there is told when the file is judged
    if layout is None:
        return None
    keys = {bound.column.name: bound.key for bound in layout.header.bound}
    if manifest.property not in keys or manifest.value not in keys:
        return None
    rows: list[Row] = []
    is_whole = True
    for chunk in layout.chunks(source):
        is_whole = is_whole and not any(chunk.unread())
        rows += _rows(chunk, keys[manifest.property], keys[manifest.value])
        if len(rows) > MOST_ROWS:
            break
    is_too_long = len(rows) > MOST_ROWS
    rows = sorted(rows, key=lambda row: row.record)[:MOST_ROWS]
    return Rows(tuple(row for row in rows if row.name), is_whole and not is_too_long, is_too_long)


def _rows(chunk: Chunk, name: str, value: str) -> list[Row]:
    frame = chunk.frame[: MOST_ROWS + 1]
    cells = zip(chunk.lines.tolist(), chunk.numbers.tolist(), frame[name], frame[value], strict=False)
    return [Row(line, record, text or "", said) for line, record, text, said in cells]
