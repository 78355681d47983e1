"""How the rows of one file are to be read: from the opening and header to chunks that are ready to be judged."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import TypeVar

from watcher.model.findings import Occurrence
from watcher.schema.model import FileSchema
from watcher.validation.cells.cells import without_nulls
from watcher.validation.findings.collect import Collector
from watcher.validation.findings.occurrences import Breaches, occurrence
from watcher.validation.reading import faults
from watcher.validation.reading.blocks import Position, worked
from watcher.validation.reading.encodings import UTF8
from watcher.validation.reading.garbled import garbled_names
from watcher.validation.reading.habits import lost_line_ends, other_habit
from watcher.validation.reading.header import HeaderMatch, match_header, without_header
from watcher.validation.reading.opening import Opening, manner_of, read_opening
from watcher.validation.reading.places import Places
from watcher.validation.reading.records import Grammar, records
from watcher.validation.reading.rows import Chunk, Fault, Faults
from watcher.validation.reading.screen import Screen
from watcher.validation.reading.source import Source

#: So many rows tell whether all rows end in empty cells beyond the header.
_FIRST_ROWS = 100
#: So many names with digits are not all names.
_FEWEST_WITH_DIGITS = 3

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file's rows are to be read: its schema, its header, where its rows begin. `name` is printable.

    `grammar` is how the file is really written, which the schema's dialect need not say rightly. `header_line` is the
    physical line of the header.
    """

    name: str
    schema: FileSchema
    header: HeaderMatch
    rows_at: Position
    grammar: Grammar
    screen: Screen
    header_line: int = 1

    def chunks(self, source: Source, *, places: Places | None = None, jobs: int = 1) -> Iterator[Chunk]:
        """All rows, or those at some places, ready to be judged. Raises OSError."""
        if places is not None:
            return map(self.ready, places.chunks(source, self.grammar, self.header.width))
        return self.worked(source, lambda chunk: chunk, jobs=jobs)

    def worked(self, source: Source, work: Callable[[Chunk], Result], *, jobs: int = 1) -> Iterator[Result]:
        """What `work` makes of each chunk, in order; it runs in so many threads at once. Raises OSError."""
        return worked(
            source,
            self.grammar,
            self.header.width,
            self.rows_at,
            lambda chunk: work(self.ready(chunk)),
            jobs=jobs,
        )

    def ready(self, chunk: Chunk) -> Chunk:
        """The chunk without rows that are none, and with the texts that count as empty made null."""
        screened = self.screen.screened(chunk)
        return replace(screened, frame=without_nulls(screened.frame, self.header.bound))

    @property
    def manner(self) -> faults.Manner:
        """How the file should be written."""
        return manner_of(self.schema, self.name)

    def worded(self, fault: Fault) -> Occurrence:
        """The occurrence of a fault in these rows."""
        return faults.worded(fault, self.manner, self.expected_cells)

    def breaches(self, many: Faults) -> Iterator[Breaches]:
        """Many faults of the same kind, by what is said of each."""
        return faults.breaches(many, self.manner, self.expected_cells)

    def expected_cells(self, found: int) -> str:
        """How many cells a row should have that has so many, and why: `3 as in the header`."""
        width, named = self.header.width, self.header.width - self.header.surplus
        if not self.schema.dialect.header:
            return f"{width} as in the {'schema' if self.schema.columns else 'first row'}"
        # Among rows with empty cells too many one that is just as the header line stands out all the same.
        return f"{width} as in the first rows" if found == named else f"{named} as in the header"


def open_layout(source: Source, schema: FileSchema, name: str, collector: Collector) -> Layout | None:
    """The layout of a file, with findings on its opening and header; None if its rows can't be read. Raises OSError."""
    opening = read_opening(source, schema, name)
    if opening.names is None:
        collector.lose(name)
    collector.add_all(opening.found)
    if opening.names is None:
        collector.add_all(_hopeless(opening, schema, name))
        return None
    header = _header(opening, opening.names, schema, name)
    if not header.is_usable:
        collector.lose(name)
    collector.add_all(header.found)
    if not header.is_usable:
        return None
    if _has_names_of_utf8(opening, schema):
        collector.add_all(garbled_names(opening.names, header, name, opening.line))
    names = opening.names if schema.dialect.header else tuple(bound.column.name for bound in header.bound)
    screen = Screen(names, header, schema.limits.cell_characters)
    return Layout(name, schema, header, opening.rows_at, opening.grammar, screen, opening.line)


def _has_names_of_utf8(opening: Opening, schema: FileSchema) -> bool:
    """Whether the names are as they stand in the file: of a wrong encoding they are guessed, and that is told."""
    is_utf8 = schema.dialect.encoding == opening.grammar.encoding == UTF8
    return schema.dialect.header and is_utf8 and all(found.code != "encoding" for found in opening.found)


def _hopeless(opening: Opening, schema: FileSchema, name: str) -> Iterator[Occurrence]:
    """Why the header line can't be read: another way of writing explains more than a wrong quote."""
    if opening.fault is not None:
        # Without columns nothing is sure, and what can't be read must not pass with a warning.
        is_quote = opening.fault.code in {"malformed-quote", "unbalanced-quote"}
        can_be_habit = schema.dialect.header and schema.columns and is_quote
        habit = other_habit(opening.beginning, schema, name, opening.line, 0) if can_be_habit else None
        yield habit or opening.fault


def _header(opening: Opening, names: tuple[str, ...], schema: FileSchema, name: str) -> HeaderMatch:
    if not schema.dialect.header:
        return without_header(schema, len(names))
    header = match_header(names, schema, name, opening.line)
    if header.found or not schema.columns:
        habit = other_habit(opening.beginning, schema, name, opening.line, len(header.bound))
        if habit is not None:
            return replace(header, found=(habit,), is_usable=not schema.columns)
    if header.found and _may_be_all_rows(opening, names, schema):
        lost = lost_line_ends(names, len(header.bound), name, opening.line)
        if lost is not None:
            return replace(header, found=(lost,), is_usable=False)
    surplus = _surplus(opening, len(names)) if header.is_usable else 0
    if surplus == 0:
        return header
    found = _surplus_cells(surplus, len(names), opening.line, name)
    return replace(header, width=len(names) + surplus, surplus=surplus, found=(*header.found, found))


def _may_be_all_rows(opening: Opening, names: tuple[str, ...], schema: FileSchema) -> bool:
    """Whether no line stands behind the header line, whose columns the schema counts, and some names hold digits.

    The cells of any rows do; a header line alone may have a name several times as well.
    """
    is_all = opening.is_whole and opening.rows_at.offset >= len(opening.beginning)
    if not (is_all and schema.columns and all(column.match is None for column in schema.columns)):
        return False
    return sum(any(map(str.isdigit, name)) for name in names) >= _FEWEST_WITH_DIGITS


def _surplus(opening: Opening, width: int) -> int:
    """How many cells more than the header line each of the first rows has, all of them empty; 0 if not all alike."""
    start = opening.rows_at.offset
    beginning = opening.beginning
    stop = len(beginning) if opening.is_whole else max(start, len(beginning) - opening.grammar.max_record_bytes)
    first = islice(records(beginning, opening.grammar, start, stop), _FIRST_ROWS)
    rows = [record.cells for record in first if not record.is_blank]
    beyond = {len(cells) - width for cells in rows}
    if len(beyond) != 1 or min(beyond) <= 0 or any(any(cells[width:]) for cells in rows):
        return 0
    return beyond.pop()


def _surplus_cells(surplus: int, width: int, line: int, file: str) -> Occurrence:
    """An error: where a cell holds a delimiter that is not quoted, it looks the same, and cells have moved."""
    message = f"each row has {width + surplus} cells, the last {surplus} empty, expected {width} as in the header"
    if surplus == 1:
        message = f"each row has {width + 1} cells, the last one empty, expected {width} as in the header"
    advice = "end the rows without a delimiter; if a cell holds the delimiter, put quotes around it"
    return occurrence("trailing-columns", message, file=file, line=line, advice=advice)
