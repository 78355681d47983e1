"""Tells by a file's first lines how it is written, where that is not as its schema says: one finding for all.

1. Its header line names more of the schema's columns when split at another delimiter: `wrong-delimiter`.
2. All its names stand in quotes of another kind: `wrong-delimiter`, with the quote.
3. A line below the first one names the columns: `missing-header`, with that line.
4. Without columns in the schema: its header line is one cell that holds another delimiter: `wrong-delimiter`, a
   warning.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator

from watcher.model.findings import Occurrence, Severity
from watcher.schema.model import FileSchema
from watcher.text import quoted
from watcher.validation.findings.occurrences import occurrence
from watcher.validation.reading.distance import normalised

_DELIMITERS = {
    ",": "a comma",
    ";": "a semicolon",
    "\t": "a tab",
    "|": "a bar",
    "~": "a tilde",
    "^": "a caret",
    ":": "a colon",
    "\x1f": "a unit separator",
}
_QUOTES = {'"': "quotation marks", "'": "apostrophes", "`": "backticks"}
#: A header line is looked for no further down, and a line is looked at no further.
_MOST_LINES = 20
_MOST_CHARACTERS = 100_000


def other_habit(beginning: bytes, schema: FileSchema, file: str, line: int, bound: int) -> Occurrence | None:
    """What the file does otherwise, given the text of its first lines and how many columns its header line named.

    `line` is that of the header line.
    """
    lines = _lines(beginning)
    if line > len(lines):
        return None
    first = lines[line - 1]
    if not schema.columns:
        return _by_count(first, schema, file, line)
    by_quote = _other_quote(first, schema, file, line)
    if by_quote is not None:
        return by_quote
    counts = {other: _named(first, other, schema) for other in _DELIMITERS if other != schema.dialect.delimiter}
    best = max(counts, key=lambda other: counts[other])
    if counts[best] > bound and (counts[best] > 1 or len(schema.columns) == 1):
        return _wrong_delimiter(best, schema, file, line)
    if bound == 0:
        return _further_down(lines, schema, file, line)
    return None


def _lines(beginning: bytes) -> list[str]:
    text = beginning.removeprefix(b"\xef\xbb\xbf")[: _MOST_LINES * _MOST_CHARACTERS].decode(errors="replace")
    return [line.removesuffix("\r")[:_MOST_CHARACTERS] for line in text.split("\n", _MOST_LINES)[:_MOST_LINES]]


def _named(line: str, delimiter: str, schema: FileSchema) -> int:
    """How many of the schema's columns a line names when it is split there."""
    return max(_count(cells, schema) for cells in _splits(line, delimiter))


def _splits(line: str, delimiter: str) -> Iterator[list[str]]:
    """The line's cells with quotes as usual, and with quotes as plain text."""
    yield line.split(delimiter)
    try:
        yield next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:  # a cell of more than 128 KiB
        return


def _count(cells: list[str], schema: FileSchema) -> int:
    known = {normalised(n): i for i, column in enumerate(schema.columns) for n in (column.name, *column.aliases)}
    return len({known[name] for cell in cells if (name := normalised(cell)) in known})


def _other_quote(line: str, schema: FileSchema, file: str, number: int) -> Occurrence | None:
    """All names, two at least, stand between quotes that the schema does not know."""
    cells = line.split(schema.dialect.delimiter)
    for quote, title in _QUOTES.items():
        is_wrapped = all(len(cell) > 1 and cell[0] == cell[-1] == quote for cell in cells)
        if is_wrapped and quote != schema.dialect.quote and min(len(cells), _count(cells, schema)) > 1:
            declared = schema.dialect.quote
            expected = "cells without quotes" if declared is None else _QUOTES.get(declared) or quoted(declared)
            message = f"the cells seem to stand in {title}, expected {expected}"
            advice = f"export with {expected}"
            return occurrence("wrong-delimiter", message, file=file, line=number, advice=advice)
    return None


def _wrong_delimiter(found: str, schema: FileSchema, file: str, line: int) -> Occurrence:
    declared = schema.dialect.delimiter
    expected = _DELIMITERS.get(declared) or quoted(declared)
    message = f"the cells seem to be separated by {_DELIMITERS[found]}, expected {expected}"
    severity = Severity.ERROR if schema.columns else Severity.WARNING
    return occurrence("wrong-delimiter", message, file=file, line=line, severity=severity)


def _by_count(line: str, schema: FileSchema, file: str, number: int) -> Occurrence | None:
    if schema.dialect.delimiter in line:
        return None
    counts = {other: line.count(other) for other in (",", ";", "\t", "|") if other != schema.dialect.delimiter}
    best = max(counts, key=lambda other: counts[other])
    return _wrong_delimiter(best, schema, file, number) if counts[best] else None


def _further_down(lines: list[str], schema: FileSchema, file: str, line: int) -> Occurrence | None:
    """A header line that stands below others: a title, a date."""
    enough = min(2, len(schema.columns))
    for number, text in enumerate(lines[line:], line + 1):
        if _named(text, schema.dialect.delimiter, schema) >= enough:
            message = f"the column names stand on line {number}, expected them on line {line}"
            advice = f"export without the lines above the column names (line {line} to {number - 1})"
            return occurrence("missing-header", message, file=file, line=line, advice=advice)
    return None
