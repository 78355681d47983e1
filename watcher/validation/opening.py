"""Reads the beginning of a file: byte-order mark, blank lines, the header line."""

from __future__ import annotations

from dataclasses import dataclass, replace

from watcher.model.findings import Occurrence, Severity
from watcher.schema.model import Dialect
from watcher.validation.collect import occurrence
from watcher.validation.reading import Position
from watcher.validation.records import Grammar, Record, read_record
from watcher.validation.source import Source

#: More columns than this are not a header line.
MAX_COLUMNS = 5_000

_UTF8_MARK = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Opening:
    """The first record of a file, and where the next one begins.

    `names` are its cells; None where the rows can't be read by it. A file without header line begins where its rows do.
    """

    names: tuple[str, ...] | None
    line: int
    rows_at: Position
    found: tuple[Occurrence, ...]


def grammar_of(dialect: Dialect) -> Grammar:
    """The dialect in bytes."""
    return Grammar(dialect.delimiter.encode(), None if dialect.quote is None else dialect.quote.encode())


def read_opening(source: Source, dialect: Dialect, grammar: Grammar, file: str) -> Opening:
    """The opening of a file. Raises OSError."""
    buffer = source.read(0, 2 * grammar.max_record_bytes)
    start = len(_UTF8_MARK) if buffer.startswith(_UTF8_MARK) else 0
    if wide := _wide_encoding(buffer):
        message = f"the file is written in {wide}, expected UTF-8"
        return _hopeless(occurrence("encoding", message, file=file))
    line = 1
    found: list[Occurrence] = []
    while start < min(len(buffer), grammar.max_record_bytes):
        record = read_record(buffer, grammar, start)
        if not record.is_blank:
            opened = _opened(record, buffer, line, dialect, file)
            return replace(opened, found=(*found, *opened.found))
        found.append(blank_line(file, line))
        start, line = record.end, line + 1
    message = (
        "the file is empty, expected a header line and rows" if not found else "the file begins with blank lines only"
    )
    return _hopeless(occurrence("empty-file", message, file=file))


def blank_line(file: str, line: int) -> Occurrence:
    """A blank line; it is skipped."""
    message = "the line is blank, expected a row"
    return occurrence("blank-line", message, severity=Severity.WARNING, file=file, line=line)


def _opened(record: Record, buffer: bytes, line: int, dialect: Dialect, file: str) -> Opening:
    if record.fault is not None:
        return Opening(None, line, Position(), (_header_fault(record.fault, buffer, file, line),))
    if len(record.cells) > MAX_COLUMNS:
        message = f"the first line has {len(record.cells)} cells, expected a header line of at most {MAX_COLUMNS}"
        return Opening(None, line, Position(), (occurrence("line-too-long", message, file=file, line=line),))
    if not dialect.header:
        names = tuple(f"column_{i}" for i in range(1, len(record.cells) + 1))
        return Opening(names, line, Position(record.start, line), ())
    names, damage = _names(record.cells, file, line)
    after = Position(record.end, line + buffer.count(b"\n", record.start, record.end))
    return Opening(names, line, after, damage)


def _names(cells: tuple[bytes, ...], file: str, line: int) -> tuple[tuple[str, ...], tuple[Occurrence, ...]]:
    """The header's cells as text; a wrong byte is one finding, and the name is guessed."""
    try:
        return tuple(cell.decode() for cell in cells), ()
    except UnicodeDecodeError:
        message = "the header line is not UTF-8, it seems to be Windows-1252"
        names = tuple(_lenient(cell) for cell in cells)
        return names, (occurrence("encoding", message, file=file, line=line),)


def _lenient(cell: bytes) -> str:
    try:
        return cell.decode()
    except UnicodeDecodeError:
        return cell.decode("cp1252", errors="replace")


def _header_fault(fault: str, buffer: bytes, file: str, line: int) -> Occurrence:
    """A header line that can't be split ends the reading: what follows has no meaning."""
    messages = {
        "lone-cr": "a carriage return stands alone in the header line",
        "malformed-quote": "text follows a closing quote in the header line",
        "unbalanced-quote": "a quote is opened in the header line and not closed",
        "line-too-long": "the header line has no end within 1 MiB",
    }
    message = messages[fault]
    if fault == "lone-cr" and b"\n" not in buffer:
        message = "the lines end with a carriage return alone, as on old Macs, expected LF or CRLF"
    return occurrence(fault, message, file=file, line=line)


def _wide_encoding(buffer: bytes) -> str | None:
    """UTF-16 or UTF-32 by its mark, or by a NUL beside each of the first letters."""
    if buffer.startswith((b"\xff\xfe\0\0", b"\0\0\xfe\xff")):
        return "UTF-32"
    beginning = buffer[:64]
    has_nuls = len(beginning) >= 4 and 0.4 <= beginning.count(0) / len(beginning) <= 0.6  # noqa: PLR2004
    if buffer.startswith(_UTF16_MARKS) or has_nuls:
        return "UTF-16"
    return None


def _hopeless(found: Occurrence) -> Opening:
    return Opening(None, 1, Position(), (found,))
