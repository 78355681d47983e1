"""How the rows of one file are to be read: from the opening and header to chunks that are ready to be judged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from watcher.schema.model import FileSchema
from watcher.validation.cells import without_nulls
from watcher.validation.collect import Collector
from watcher.validation.header import HeaderMatch, match_header, without_header
from watcher.validation.opening import read_opening
from watcher.validation.reading import Position, chunks
from watcher.validation.records import Grammar
from watcher.validation.rows import Chunk
from watcher.validation.screen import Screen
from watcher.validation.source import Source


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file's rows are to be read: its schema, its header, where its rows begin. `name` is printable.

    `grammar` is how the file is really written, which the schema's dialect need not say rightly.
    """

    name: str
    schema: FileSchema
    header: HeaderMatch
    rows_at: Position
    grammar: Grammar
    screen: Screen

    def chunks(self, source: Source) -> Iterator[Chunk]:
        """All rows, ready to be judged. Raises OSError."""
        for chunk in chunks(source, self.grammar, self.header.width, self.rows_at):
            yield self.ready(chunk)

    def ready(self, chunk: Chunk) -> Chunk:
        """The chunk without rows that are none, and with the texts that count as empty made null."""
        screened = self.screen.screened(chunk)
        return replace(screened, frame=without_nulls(screened.frame, self.header.bound))


def open_layout(source: Source, schema: FileSchema, name: str, collector: Collector) -> Layout | None:
    """The layout of a file, with findings on its opening and header; None if its rows can't be read. Raises OSError."""
    opening = read_opening(source, schema, name)
    collector.add_all(opening.found)
    if opening.names is None:
        return None
    if schema.dialect.header:
        header = match_header(opening.names, schema, name, opening.line)
        names: tuple[str, ...] = opening.names
    else:
        header = without_header(schema, len(opening.names))
        names = tuple(bound.column.name for bound in header.bound)
    collector.add_all(header.found)
    if not header.is_usable:
        return None
    screen = Screen(names, header, schema.limits.cell_characters)
    return Layout(name, schema, header, opening.rows_at, opening.grammar, screen)
