"""Says in words what is wrong with a row, the header line or the encoding as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from watcher.model.findings import Occurrence, Severity
from watcher.text import counted, quoted
from watcher.validation.findings.occurrences import Breaches, occurrence
from watcher.validation.reading.encodings import ASCII, LATIN1, UTF8, WINDOWS, title
from watcher.validation.reading.records import Grammar
from watcher.validation.reading.rows import CUT_LETTER, Fault, Faults
from watcher.validation.reading.survey import Offsets

_MIB, _KIB = 1024 * 1024, 1024
_ROW = {
    "nul-byte": "the row holds a NUL byte",
    "lone-cr": "a carriage return stands alone, expected LF or CRLF at the end of a line",
    "malformed-quote": "text follows a closing quote, expected a delimiter or the end of the line",
    "unbalanced-quote": "a quote is opened and not closed, expected one more; reading goes on with the next line",
    "repeated-header": "the row is the header line once more, expected it only at the top",
}
_HEADER = {
    "lone-cr": "a carriage return stands alone in the header line",
    "malformed-quote": "text follows a closing quote in the header line",
    "unbalanced-quote": "a quote is opened in the header line and not closed",
}
_BLANK = "the line is blank, expected a row"


#: What is said to be expected of a row that has so many cells: `3 as in the header`.
ExpectedCells = Callable[[int], str]


@dataclass(frozen=True, slots=True)
class Manner:
    """How a file should be written, for the words of its faults. `file` is its printable name."""

    file: str
    declared: Grammar
    has_header: bool


def worded(fault: Fault, manner: Manner, expected: ExpectedCells) -> Occurrence:
    """The occurrence of a fault in the rows of a file."""
    value: str | None = None
    match fault.code:
        case "blank-line":
            return blank_line(manner.file, fault.line)
        case "wrong-encoding":
            return wrong_encoding(fault.expected, fault.found, fault.line, manner)
        case "ragged-row":
            message, value = _ragged(int(fault.found), expected), counted(int(fault.found), "cell")
        case "encoding" if fault.found == CUT_LETTER:
            return _cut_letter(fault, manner)
        case "encoding":
            message = not_encoded("the row", fault.expected, fault.found)
        case "line-too-long":
            message = _too_long("the line", manner)
        case "cell-too-long":
            message = f"a cell has {fault.found} characters, expected at most {fault.expected}"
        case "repeated-header" if not manner.has_header:
            message = "the row is a line of column names, expected no header line"
        case _:
            message = _ROW[fault.code]
    return occurrence(
        fault.code,
        message,
        file=manner.file,
        line=fault.line,
        record=fault.record,
        value=value,
        advice=_advice(fault.code, manner),
    )


def _cut_letter(fault: Fault, manner: Manner) -> Occurrence:
    """A row without all its cells that ends in the middle of a letter."""
    message = "the row ends in the middle of a letter of UTF-8: it was probably cut off there"
    advice = "send the file again, and see that it comes whole"
    return occurrence("encoding", message, file=manner.file, line=fault.line, record=fault.record, advice=advice)


def breaches(faults: Faults, manner: Manner, expected: ExpectedCells) -> Iterator[Breaches]:
    """Many faults of the same kind, by what is said of each."""
    file = manner.file
    if faults.code == "blank-line":
        yield Breaches("blank-line", _BLANK, file, faults.lines, faults.numbers, severity=Severity.WARNING)
    elif faults.found is None:
        every = worded(Fault(faults.code, 0, 0), manner, expected)
        yield Breaches(faults.code, every.message, file, faults.lines, faults.numbers, advice=every.advice)
    else:
        yield from _many_ragged(faults, faults.found, manner, expected)


def _many_ragged(faults: Faults, cells: Offsets, manner: Manner, expected: ExpectedCells) -> Iterator[Breaches]:
    """The rows with each number of cells."""
    order = np.argsort(cells, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(cells[order])) + 1):
        found = int(cells[rows[0]])
        yield Breaches(
            faults.code,
            _ragged(found, expected),
            manner.file,
            faults.lines[rows],
            faults.numbers[rows],
            values=pl.repeat(counted(found, "cell"), len(rows), eager=True),
            advice=_advice(faults.code, manner),
        )


def blank_line(file: str, line: int) -> Occurrence:
    """A blank line; it is skipped."""
    return occurrence("blank-line", _BLANK, severity=Severity.WARNING, file=file, line=line)


def first_line_fault(fault: str, manner: Manner, line: int) -> Occurrence:
    """A header line, or a first row, that can't be split ends the reading: what follows has no meaning."""
    if manner.has_header:
        message = _HEADER.get(fault) or _too_long("the header line", manner)
    else:
        message = _ROW.get(fault) or _too_long("the line", manner)
    return occurrence(fault, message, file=manner.file, line=line, advice=_advice(fault, manner))


def too_many_cells(cells: int, most: int, manner: Manner, line: int) -> Occurrence:
    """A first line with more cells than a file may have columns."""
    wanted = "a header line of at most" if manner.has_header else "at most"
    message = f"the first line has {cells} cells, expected {wanted} {most}"
    return occurrence("line-too-long", message, file=manner.file, line=line)


def empty_file(manner: Manner, *, has_blank_lines: bool) -> Occurrence:
    """A file without anything, or with blank lines only."""
    wanted = "a header line and rows" if manner.has_header else "rows"
    found = "the file begins with blank lines only" if has_blank_lines else "the file is empty"
    advice = None if manner.has_header else "export the file again, with its rows and no header line"
    return occurrence("empty-file", f"{found}, expected {wanted}", file=manner.file, advice=advice)


def wrong_encoding(expected: str, found: str, line: int, manner: Manner) -> Occurrence:
    """The text, from this line on, is in another encoding.

    Windows-1252 instead of ISO-8859-1 is a warning: everybody calls it so, and all its letters are known.
    """
    severity = Severity.WARNING if (expected, found) == (LATIN1, WINDOWS) else Severity.ERROR
    start = "the text" if line == 1 else f"from line {line} on the text"
    message = f"{start} is not {title(expected)}, it seems to be {title(found)}"
    if expected in {WINDOWS, LATIN1} and found == UTF8:
        message = f"{start} seems to be {title(UTF8)}, expected {title(expected)}"
    advice = f"export the file as {title(manner.declared.encoding)}"
    return occurrence("wrong-encoding", message, severity=severity, file=manner.file, line=line, advice=advice)


def _advice(fault: str, manner: Manner) -> str | None:
    """What to do in a dialect or an encoding other than the usual one; None for the usual advice."""
    grammar = manner.declared
    escape = "" if grammar.escape is None else grammar.escape.decode()
    if fault == "encoding":
        return encoding_advice(manner)
    if fault == "repeated-header" and not manner.has_header:
        return "remove the header line: this file is sent without one"
    if fault == "ragged-row" and grammar.quote is None:
        how = f"put {quoted(escape)} before a delimiter" if escape else "leave the delimiter out"
        return f"write as many cells as are expected; {how} inside a cell"
    if fault in {"malformed-quote", "unbalanced-quote"} and escape:
        return f"put {quoted(escape)} before each quote inside a quoted cell, and close every quote"
    return None


def encoding_advice(manner: Manner) -> str:
    """What to do where the text has a letter that its encoding lacks."""
    if manner.declared.encoding == ASCII:
        return "export the file without accents and other letters beyond US-ASCII, or ask whether UTF-8 may be sent"
    return f"export the file as {title(manner.declared.encoding)}"


def not_encoded(what: str, encoding: str, likely: str = "") -> str:
    """That a row or a header line is not in the encoding that it is read in; what it seems to be instead, if anything.

    ISO-8859-1 has a character for every byte, but some are control characters that no export writes.
    """
    if encoding in {UTF8, ASCII}:
        return f"{what} is not {title(encoding)}" + (f", it seems to be {likely}" if likely else "")
    if encoding == LATIN1:
        return f"{what} holds bytes that are no letters in {title(LATIN1)}, nor in {title(WINDOWS)}"
    return f"{what} holds bytes that mean nothing in {title(encoding)}"


def _ragged(cells: int, expected: ExpectedCells) -> str:
    return f"found {counted(cells, 'cell')}, expected {expected(cells)}"


def _too_long(what: str, manner: Manner) -> str:
    return f"{what} has no end within {_size(manner.declared.max_record_bytes)}"


def _size(size_bytes: int) -> str:
    """A limit as the schema has it: `1 MiB`, `64 KiB`, `1000 bytes`."""
    for unit, name in ((_MIB, "MiB"), (_KIB, "KiB")):
        if size_bytes % unit == 0:
            return f"{size_bytes // unit} {name}"
    return f"{size_bytes} bytes"
