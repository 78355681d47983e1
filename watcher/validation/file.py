"""Checks one file: opening, header, every row; and a second reading where keys or references are suspect."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from watcher.model.findings import Occurrence, Severity
from watcher.schema.model import FileSchema, Reference
from watcher.validation.cells import CellRules, without_nulls
from watcher.validation.collect import Collector, occurrence
from watcher.validation.confirm import Confirmation
from watcher.validation.hashes import Hasher
from watcher.validation.header import HeaderMatch, match_header, without_header
from watcher.validation.keys import FileKeys, file_keys
from watcher.validation.opening import blank_line, grammar_of, read_opening
from watcher.validation.reading import Position, chunks
from watcher.validation.rows import Chunk, Fault
from watcher.validation.source import Source

#: Called with the file's name, the bytes read of it so far, its size in bytes, the rows read of it so far.
Progress = Callable[[str, int, int, int], None]


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file's rows are to be read: its schema, its header, where its rows begin. `name` is printable."""

    name: str
    schema: FileSchema
    header: HeaderMatch
    rows_at: Position

    def chunks(self, source: Source) -> Iterator[Chunk]:
        """All rows, with the texts that count as empty made null."""
        grammar = grammar_of(self.schema.dialect)
        for chunk in chunks(source, grammar, self.header.width, self.rows_at):
            yield replace(chunk, frame=without_nulls(chunk.frame, self.header.bound))


@dataclass(frozen=True, slots=True)
class Checked:
    """A file after its first reading.

    `unread` of its rows could not be read; `layout` and `keys` are None if none could.
    """

    rows: int
    unread: int = 0
    layout: Layout | None = None
    keys: FileKeys | None = None


def open_layout(source: Source, schema: FileSchema, name: str, collector: Collector) -> Layout | None:
    """The layout of a file, with findings on its opening and header; None if its rows can't be read. Raises OSError."""
    opening = read_opening(source, schema.dialect, grammar_of(schema.dialect), name)
    collector.add_all(opening.found)
    if opening.names is None:
        return None
    if schema.dialect.header:
        header = match_header(opening.names, schema, name, opening.line)
    else:
        header = without_header(schema, len(opening.names))
    collector.add_all(header.found)
    return Layout(name, schema, header, opening.rows_at) if header.is_usable else None


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
    _check_end(source, name, collector)
    may_skip = collector.policy.skips_rows(name)
    keys = file_keys(schema, layout.header.bound, targets, hasher, may_skip=may_skip)
    rules = CellRules(name, layout.header.bound)
    rows = unread = 0
    for chunk in layout.chunks(source):
        rows += chunk.records
        unread += chunk.records - chunk.frame.height
        faults = (_worded(fault, layout) for fault in chunk.faults)
        collector.add_chunk(faults, rules.broken(chunk))
        keys.take(keys.hashes_of(chunk.frame), chunk.numbers)
        if progress is not None:
            progress(name, chunk.end, source.size_bytes, rows)
    if rows == 0:
        message = "the file has a header line and no rows, expected rows"
        collector.add(occurrence("header-only", message, severity=Severity.WARNING, file=name))
    return Checked(rows, unread, layout, keys)


def confirm_file(source: Source, layout: Layout, confirmations: Iterable[Confirmation]) -> None:
    """Further readings of a file, one for each confirmation, for keys and references. Raises OSError."""
    for confirmation in confirmations:
        for chunk in layout.chunks(source):
            confirmation.take(chunk)
        confirmation.end()


def _check_end(source: Source, name: str, collector: Collector) -> None:
    """A file that was cut off in transit most often lacks its last line end."""
    if source.size_bytes and source.read(source.size_bytes - 1, 1) not in (b"\n", b""):
        message = "the last line has no line end, expected one"
        collector.add(occurrence("no-final-newline", message, severity=Severity.WARNING, file=name))


def _worded(fault: Fault, layout: Layout) -> Occurrence:
    """The occurrence of a row's fault."""
    if fault.code == "blank-line":
        return blank_line(layout.name, fault.line)
    value = None
    match fault.code:
        case "ragged-row":
            message = f"found {fault.found} cells, expected {layout.header.width} as in the header"
            value = f"{fault.found} cells"
        case "encoding" if fault.found != "unknown":
            message = f"the row is not UTF-8, it seems to be {fault.found}"
        case _:
            message = _MESSAGES[fault.code]
    return occurrence(fault.code, message, file=layout.name, line=fault.line, record=fault.record, value=value)


_MESSAGES = {
    "encoding": "the row is not UTF-8",
    "nul-byte": "the row holds a NUL byte",
    "lone-cr": "a carriage return stands alone, expected LF or CRLF at the end of a line",
    "malformed-quote": "text follows a closing quote, expected a delimiter or the end of the line",
    "unbalanced-quote": "a quote is opened and not closed, expected one more; reading goes on with the next line",
    "line-too-long": "the line has no end within 1 MiB",
}
