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
    other_kind,
    title,
)
from watcher.validation.reading.faults import blank_line, encoding_advice, header_fault, wrong_encoding
from watcher.validation.reading.records import Grammar, Record, read_record, records
from watcher.validation.reading.source import Source
from watcher.validation.reading.transcode import text_of

#: More columns than this are not a header line.
MAX_COLUMNS = 5_000
_MAGIC_BYTES = 8


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


def read_opening(source: Source, schema: FileSchema, file: str) -> Opening:
    """The opening of a file. Raises OSError."""
    declared = grammar_of(schema)
    size_bytes = 2 * declared.max_record_bytes
    if kind := other_kind(source.read(0, _MAGIC_BYTES)):
        return Opening(None, 1, Position(), declared, fault=_no_text(kind, file))
    grammar, line = _really_written(source, declared, size_bytes)
    found: list[Occurrence] = []
    if not _is_as_declared(declared.encoding, grammar.encoding):
        found.append(wrong_encoding(declared.encoding, grammar.encoding, line, file))
    buffer = text_of(source, grammar).read(0, size_bytes)
    if b"\r" in buffer and b"\n" not in buffer:
        grammar = replace(grammar, old_line_ends=True)
        buffer = buffer.replace(b"\r", b"\n")
        found.append(_old_line_ends(file))
    opened = _first_record(buffer, grammar, file, has_header=schema.dialect.header)
    if not schema.dialect.header and opened.names is None:
        opened = _past_faults(opened, buffer, len(schema.columns))
    return replace(opened, found=(*found, *opened.found), beginning=buffer, is_whole=len(buffer) < size_bytes)


def _really_written(source: Source, declared: Grammar, size_bytes: int) -> tuple[Grammar, int]:
    """The grammar with the encoding that the file's beginning seems to be in, and the line where that shows."""
    marked = encoding_by_mark(source.read(0, size_bytes))
    encoding = marked or (UTF8 if is_wide(declared.encoding) else declared.encoding)
    grammar = replace(declared, encoding=encoding)
    text = text_of(source, grammar).read(0, size_bytes)
    lines = text[: text.rfind(b"\n") + 1] or text
    guess = other_encoding(lines, encoding)
    if guess is None:
        return grammar, 1
    line = 1 if declared.encoding not in {marked, encoding} else 1 + lines.count(b"\n", 0, guess.offset)
    return replace(declared, encoding=guess.encoding), line


def _is_as_declared(declared: str, found: str) -> bool:
    """Whether that is what the schema says; it says nothing of the order of bytes."""
    return declared == found or (declared == UTF16 and found == UTF16_SWAPPED)


def _first_record(buffer: bytes, grammar: Grammar, file: str, *, has_header: bool) -> Opening:
    start = len(UTF8_MARK) if buffer.startswith(UTF8_MARK) else 0
    line = 1
    found: list[Occurrence] = []
    while start < min(len(buffer), grammar.max_record_bytes):
        record = read_record(buffer, grammar, start)
        if not record.is_blank:
            opened = _opened(record, grammar, line, file, has_header=has_header)
            after = Position(record.end, line + buffer.count(b"\n", record.start, record.end))
            return replace(opened, rows_at=after if has_header else opened.rows_at, found=(*found, *opened.found))
        if len(found) < _MOST_BLANK_LINES:
            found.append(blank_line(file, line))
        start, line = record.end, line + 1
    message = (
        "the file is empty, expected a header line and rows" if not found else "the file begins with blank lines only"
    )
    return Opening(None, 1, Position(), grammar, fault=occurrence("empty-file", message, file=file))


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


def _opened(record: Record, grammar: Grammar, line: int, file: str, *, has_header: bool) -> Opening:
    if record.fault is not None:
        fault = header_fault(record.fault, grammar, file, line)
        return Opening(None, line, Position(record.start, line), grammar, fault=fault)
    if len(record.cells) > MAX_COLUMNS:
        message = f"the first line has {len(record.cells)} cells, expected a header line of at most {MAX_COLUMNS}"
        fault = occurrence("line-too-long", message, file=file, line=line)
        return Opening(None, line, Position(), grammar, fault=fault)
    if not has_header:
        return Opening(_numbered(len(record.cells)), line, Position(record.start, line), grammar)
    names, damage = _names(record.cells, grammar, file, line)
    return Opening(names, line, Position(), grammar, damage)


def _names(
    cells: tuple[bytes, ...], grammar: Grammar, file: str, line: int
) -> tuple[tuple[str, ...], tuple[Occurrence, ...]]:
    """The header's cells as text; a wrong byte is one finding, and the name is guessed."""
    try:
        names = tuple(cell.decode() for cell in cells)
    except UnicodeDecodeError:
        seems = f", it seems to be {title(WINDOWS)}" if grammar.encoding in {UTF8, ASCII} else ""
        message = f"the header line is not {title(grammar.encoding)}{seems}"
        names = tuple(_lenient(cell) for cell in cells)
        return names, (occurrence("encoding", message, file=file, line=line, advice=encoding_advice(grammar)),)
    if grammar.encoding == ASCII and not all(name.isascii() for name in names):
        message = f"the header line is not {title(ASCII)}, it seems to be {title(UTF8)}"
        return names, (occurrence("encoding", message, file=file, line=line, advice=encoding_advice(grammar)),)
    return names, ()


def _lenient(cell: bytes) -> str:
    try:
        return cell.decode()
    except UnicodeDecodeError:
        return cell.decode("cp1252", errors="replace")


def _no_text(kind: str, file: str) -> Occurrence:
    message = f"the file is {kind}, expected text"
    return occurrence("wrong-encoding", message, file=file, advice="export the data as CSV, without compressing it")


def _old_line_ends(file: str) -> Occurrence:
    message = "the lines end with a carriage return alone, as on old Macs, expected LF or CRLF"
    return occurrence("old-line-ends", message, severity=Severity.WARNING, file=file, line=1)
