"""Says in words what is wrong with a row, the header line or the encoding as a whole."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from watcher.model.findings import Occurrence, Severity
from watcher.text import counted, quoted
from watcher.validation.findings.occurrences import Breaches, occurrence
from watcher.validation.reading.encodings import ASCII, LATIN1, UTF8, WINDOWS, title
from watcher.validation.reading.records import Grammar
from watcher.validation.reading.rows import Fault, Faults

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


def worded(fault: Fault, file: str, expected: ExpectedCells, grammar: Grammar) -> Occurrence:
    """The occurrence of a fault in the rows of a file."""
    value: str | None = None
    match fault.code:
        case "blank-line":
            return blank_line(file, fault.line)
        case "wrong-encoding":
            return wrong_encoding(fault.expected, fault.found, fault.line, file)
        case "ragged-row":
            message, value = _ragged(int(fault.found), expected), counted(int(fault.found), "cell")
        case "encoding":
            message = _not_encoded(fault.found, grammar)
        case "line-too-long":
            message = f"the line has no end within {_size(grammar.max_record_bytes)}"
        case "cell-too-long":
            message = f"a cell has {fault.found} characters, expected at most {fault.expected}"
        case _:
            message = _ROW[fault.code]
    advice = _advice(fault.code, grammar)
    return occurrence(fault.code, message, file=file, line=fault.line, record=fault.record, value=value, advice=advice)


def breaches(faults: Faults, file: str, expected: ExpectedCells, grammar: Grammar) -> Breaches:
    """Many faults of the same kind."""
    if faults.code == "blank-line":
        return Breaches("blank-line", _BLANK, file, faults.lines, faults.numbers, severity=Severity.WARNING)
    if faults.found is None:
        every = worded(Fault(faults.code, 0, 0), file, expected, grammar)
        return Breaches(faults.code, every.message, file, faults.lines, faults.numbers, advice=every.advice)
    cells = faults.found
    return Breaches(
        faults.code,
        _ragged(int(cells[0]), expected),
        file,
        faults.lines,
        faults.numbers,
        values=pl.Series(cells).replace_strict({n: counted(n, "cell") for n in set(cells.tolist())}),
        advice=_advice(faults.code, grammar),
        message_of=lambda index: _ragged(int(cells[index]), expected),
    )


def blank_line(file: str, line: int) -> Occurrence:
    """A blank line; it is skipped."""
    return occurrence("blank-line", _BLANK, severity=Severity.WARNING, file=file, line=line)


def header_fault(fault: str, grammar: Grammar, file: str, line: int) -> Occurrence:
    """A header line that can't be split ends the reading: what follows has no meaning."""
    message = _HEADER.get(fault) or f"the header line has no end within {_size(grammar.max_record_bytes)}"
    return occurrence(fault, message, file=file, line=line, advice=_advice(fault, grammar))


def wrong_encoding(expected: str, found: str, line: int, file: str) -> Occurrence:
    """The text, from this line on, is in another encoding.

    Windows-1252 instead of ISO-8859-1 is a warning: everybody calls it so, and all its letters are known.
    """
    severity = Severity.WARNING if (expected, found) == (LATIN1, WINDOWS) else Severity.ERROR
    start = "the text" if line == 1 else f"from line {line} on the text"
    message = f"{start} is not {title(expected)}, it seems to be {title(found)}"
    if expected in {WINDOWS, LATIN1} and found == UTF8:
        message = f"{start} seems to be {title(UTF8)}, expected {title(expected)}"
    advice = f"export the file as {title(expected)}"
    return occurrence("wrong-encoding", message, severity=severity, file=file, line=line, advice=advice)


def _advice(fault: str, grammar: Grammar) -> str | None:
    """What to do in a dialect or an encoding other than the usual one; None for the usual advice."""
    escape = "" if grammar.escape is None else grammar.escape.decode()
    if fault == "encoding" and grammar.encoding != UTF8:
        return encoding_advice(grammar)
    if fault == "ragged-row" and grammar.quote is None:
        how = f"put {quoted(escape)} before a delimiter" if escape else "leave the delimiter out"
        return f"write as many cells as are expected; {how} inside a cell"
    if fault in {"malformed-quote", "unbalanced-quote"} and escape:
        return f"put {quoted(escape)} before each quote inside a quoted cell, and close every quote"
    return None


def encoding_advice(grammar: Grammar) -> str:
    """What to do where the text has a letter that its encoding lacks."""
    if grammar.encoding == ASCII:
        return "export the file without accents and other letters beyond US-ASCII, or ask whether UTF-8 may be sent"
    return f"export the file as {title(grammar.encoding)}"


def _not_encoded(likely: str, grammar: Grammar) -> str:
    expected = title(grammar.encoding)
    if grammar.encoding not in {UTF8, ASCII}:
        return f"the row holds bytes that mean nothing in {expected}"
    return f"the row is not {expected}" + (f", it seems to be {likely}" if likely else "")


def _ragged(cells: int, expected: ExpectedCells) -> str:
    return f"found {counted(cells, 'cell')}, expected {expected(cells)}"


def _size(size_bytes: int) -> str:
    """A limit as the schema has it: `1 MiB`, `64 KiB`, `1000 bytes`."""
    for unit, name in ((_MIB, "MiB"), (_KIB, "KiB")):
        if size_bytes % unit == 0:
            return f"{size_bytes // unit} {name}"
    return f"{size_bytes} bytes"
