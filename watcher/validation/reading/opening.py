"""Reads the beginning of a file: its encoding and line ends, blank lines, the header line."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice

from watcher.model.findings import Occurrence, Severity
from watcher.schema.model import FileSchema
from watcher.validation.findings.occurrences import occurrence
from watcher.validation.reading.blocks import Position
from watcher.validation.reading.encodings import (
    ASCII,
    UTF8,
    UTF8_MARK,
    UTF16,
    UTF16_SWAPPED,
    WINDOWS,
    encoding_by_mark,
    is_wide,
    other_encoding,
    title,
)
from watcher.validation.reading.faults import (
    Manner,
    blank_line,
    empty_file,
    encoding_advice,
    first_line_fault,
    not_encoded,
    too_many_cells,
    wrong_encoding,
)
from watcher.validation.reading.kinds import BEGINNING_BYTES, Kind, other_kind
from watcher.validation.reading.records import Grammar, Record, read_record, records
from watcher.validation.reading.source import Source
from watcher.validation.reading.transcode import text_of

#: More columns than this are not a header line.
MAX_COLUMNS = 5_000


@dataclass(frozen=True, slots=True)
class Opening:
    """The first record of a file, and where the next one begins.

    `names` are its cells; None where the rows can't be read by it. A file without header line begins where its rows do.
    `grammar` is how the file is really written, as far as that differs from what was declared and can be read all the
    same. `fault` is why there are no names. `beginning` is the text of the first lines, `is_whole` if that is all.
    """

    names: tuple[str, ...] | None
    line: int
    rows_at: Position
    grammar: Grammar
    found: tuple[Occurrence, ...] = ()
    fault: Occurrence | None = None
    beginning: bytes = b""
    is_whole: bool = False


def grammar_of(schema: FileSchema) -> Grammar:
    """The dialect in bytes, with the limit."""
    dialect = schema.dialect
    return Grammar(
        delimiter=dialect.delimiter.encode(),
        quote=None if dialect.quote is None else dialect.quote.encode(),
        escape=None if dialect.escape is None else dialect.escape.encode(),
        max_record_bytes=schema.limits.record_bytes,
        encoding=UTF16 if dialect.encoding == "utf-16" else dialect.encoding,
    )


def manner_of(schema: FileSchema, file: str) -> Manner:
    """How a file of this printable name should be written."""
    return Manner(file, grammar_of(schema), schema.dialect.header)


def read_opening(source: Source, schema: FileSchema, file: str) -> Opening:
    """The opening of a file. Raises OSError."""
    manner = manner_of(schema, file)
    declared = manner.declared
    size_bytes = 2 * declared.max_record_bytes
    if kind := other_kind(source.read(0, BEGINNING_BYTES)):
        return Opening(None, 1, Position(), declared, fault=_no_csv(kind, file))
    grammar, line = _really_written(source, declared, size_bytes)
    found: list[Occurrence] = []
    if not _is_as_declared(declared.encoding, grammar.encoding):
        found.append(wrong_encoding(declared.encoding, grammar.encoding, line, manner))
    buffer = text_of(source, grammar).read(0, size_bytes)
    if b"\r" in buffer and b"\n" not in buffer:
        grammar = replace(grammar, old_line_ends=True)
        buffer = buffer.replace(b"\r", b"\n")
        found.append(_old_line_ends(file))
    opened = _first_record(buffer, grammar, manner)
    if not manner.has_header and opened.names is None:
        opened = _past_faults(opened, buffer, len(schema.columns))
    return replace(opened, found=(*found, *opened.found), beginning=buffer, is_whole=len(buffer) < size_bytes)


def _really_written(source: Source, declared: Grammar, size_bytes: int) -> tuple[Grammar, int]:
    """The grammar with the encoding that the file's beginning seems to be in, and the line where that shows."""
    marked = encoding_by_mark(source.read(0, size_bytes))
    encoding = marked or (UTF8 if is_wide(declared.encoding) else declared.encoding)
    grammar = replace(declared, encoding=encoding)
    text = text_of(source, grammar).read(0, size_bytes)
    guess = other_encoding(text, encoding)
    if guess is None:
        return grammar, 1
    line = 1 if declared.encoding not in {marked, encoding} else 1 + text.count(b"\n", 0, guess.offset)
    return replace(declared, encoding=guess.encoding), line


def _is_as_declared(declared: str, found: str) -> bool:
    """Whether that is what the schema says; it says nothing of the order of bytes."""
    return declared == found or (declared == UTF16 and found == UTF16_SWAPPED)


def _first_record(buffer: bytes, grammar: Grammar, manner: Manner) -> Opening:
    start = len(UTF8_MARK) if buffer.startswith(UTF8_MARK) else 0
    line = 1
    found: list[Occurrence] = []
    while start < min(len(buffer), grammar.max_record_bytes):
        record = read_record(buffer, grammar, start)
        if record.fault == "lone-cr" and buffer.startswith(b"\r\r\n", record.fault_at):
            return Opening(None, line, Position(start, line), grammar, fault=_doubled_line_ends(manner.file, line))
        if not record.is_blank:
            opened = _opened(record, grammar, line, manner)
            after = Position(record.end, line + buffer.count(b"\n", record.start, record.end))
            return replace(
                opened, rows_at=after if manner.has_header else opened.rows_at, found=(*found, *opened.found)
            )
        if len(found) < _MOST_BLANK_LINES:
            found.append(blank_line(manner.file, line))
        start, line = record.end, line + 1
    return Opening(None, 1, Position(), grammar, fault=empty_file(manner, has_blank_lines=bool(found)))


def _past_faults(opened: Opening, buffer: bytes, columns: int) -> Opening:
    """A first row with a fault is a row like any other; how wide, the schema says, else the first sound one."""
    if opened.fault is not None and opened.fault.code == "empty-file":
        return opened
    begin = opened.rows_at.offset
    widths = (len(each.cells) for each in records(buffer, opened.grammar, begin) if each.cells)
    width = columns or next(islice(widths, 1), 0)
    if not 0 < width <= MAX_COLUMNS:
        return opened
    return replace(opened, names=_numbered(width), fault=None)


def _numbered(width: int) -> tuple[str, ...]:
    """Names for columns that have none."""
    return tuple(f"column_{i}" for i in range(1, width + 1))


#: Nobody reads of more of them in front of the header line.
_MOST_BLANK_LINES = 1_000


def _opened(record: Record, grammar: Grammar, line: int, manner: Manner) -> Opening:
    if record.fault is not None:
        fault = first_line_fault(record.fault, manner, line)
        return Opening(None, line, Position(record.start, line), grammar, fault=fault)
    if len(record.cells) > MAX_COLUMNS:
        fault = too_many_cells(len(record.cells), MAX_COLUMNS, manner, line)
        return Opening(None, line, Position(), grammar, fault=fault)
    if not manner.has_header:
        return Opening(_numbered(len(record.cells)), line, Position(record.start, line), grammar)
    names, likely = _names(record.cells, grammar.encoding)
    found: tuple[Occurrence, ...] = ()
    if likely is not None:
        message = not_encoded("the header line", grammar.encoding, likely)
        found = (occurrence("encoding", message, file=manner.file, line=line, advice=encoding_advice(manner)),)
    return Opening(names, line, Position(), grammar, found)


def _names(cells: tuple[bytes, ...], encoding: str) -> tuple[tuple[str, ...], str | None]:
    """The header's cells as text; None if all are in the encoding, else what they seem to be, and names are guessed."""
    try:
        names = tuple(cell.decode() for cell in cells)
    except UnicodeDecodeError:
        if encoding in {UTF8, ASCII}:
            return tuple(_lenient(cell, "cp1252") for cell in cells), title(WINDOWS)
        return tuple(_lenient(cell, "utf-8") for cell in cells), ""
    is_sound = encoding != ASCII or all(name.isascii() for name in names)
    return names, None if is_sound else title(UTF8)


def _lenient(cell: bytes, guessed: str) -> str:
    try:
        return cell.decode()
    except UnicodeDecodeError:
        return cell.decode(guessed, errors="replace")


def _no_csv(kind: Kind, file: str) -> Occurrence:
    message = f"the file is {kind.noun}, expected CSV text"
    return occurrence("wrong-encoding", message, file=file, advice=kind.advice)


def _doubled_line_ends(file: str, line: int) -> Occurrence:
    message = "the line ends with two carriage returns and a line feed, expected LF or CRLF"
    advice = "send the file in binary mode: in text mode each transfer adds a carriage return to the line ends"
    return occurrence("lone-cr", message, file=file, line=line, advice=advice)


def _old_line_ends(file: str) -> Occurrence:
    message = "the lines end with a carriage return alone, as on old Macs, expected LF or CRLF"
    return occurrence("old-line-ends", message, severity=Severity.WARNING, file=file, line=1)
