"""Tells by a file's first lines how it is written, where that is not as its schema says: one finding for all.

1. Its header line names more of the schema's columns when split at another delimiter: `wrong-delimiter`.
2. All its names stand in quotes of another kind: `wrong-delimiter`, with the quote; both in one where it is both.
3. The header line is a single cell in quotes, and what it holds names the columns: `wrong-delimiter`, with the quotes.
4. A line below the first one names the columns: `missing-header`, with that line, and with the delimiter if that is
   another one. A first line `sep=;` is a note for a spreadsheet.
5. No line names columns, and another delimiter splits all of the first ones into as many cells: `missing-header`, with
   the delimiter.
6. The header line is all that the file holds, and names stand again and again in it: `line-too-long`, lost line ends.
7. Without columns in the schema: its header line is one cell that holds another delimiter: `wrong-delimiter`, a
   warning.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence

from watcher.model.findings import Occurrence, Severity
from watcher.schema.model import FileSchema
from watcher.text import quoted
from watcher.validation.findings.occurrences import occurrence
from watcher.validation.reading.distance import normalised
from watcher.validation.reading.header import may_lack_all, no_name_known

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
#: Those by which rows without names are told; a colon stands in times and addresses too.
_OF_ROWS = (",", ";", "\t", "|")
_QUOTES = {'"': "quotation marks", "'": "apostrophes", "`": "backticks"}
#: A header line is looked for no further down, and a line is looked at no further.
_MOST_LINES = 20
_MOST_CHARACTERS = 100_000
#: So many names that stand on the header line before are values of rows.
_MANY_REPEATED = 3
#: A line that tells a spreadsheet the delimiter.
_NOTE = re.compile(r'"?sep=.')


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
    by_quote = _other_quote(first, schema.dialect.delimiter, schema)
    if by_quote is not None:
        found, expected = by_quote
        message = f"the cells seem to stand in {found}, expected {expected}"
        return occurrence("wrong-delimiter", message, file=file, line=line, advice=f"export with {expected}")
    counts = {other: _named(first, other, schema) for other in _DELIMITERS if other != schema.dialect.delimiter}
    best = max(counts, key=lambda other: counts[other])
    if counts[best] > bound and (counts[best] > 1 or len(schema.columns) == 1):
        return _wrong_delimiter(best, schema, file, line, quotes=_other_quote(first, best, schema))
    if bound == 0:
        return (
            _quoted_lines(first, schema, file, line)
            or _further_down(lines, schema, file, line)
            or (_rows_alone(lines[line - 1 :], schema, file, line) if counts[best] == 0 else None)
        )
    return None


def lost_line_ends(names: Sequence[str], bound: int, file: str, line: int) -> Occurrence | None:
    """Whether a header line without any line behind it holds the rows too; `bound` of its names are columns'.

    In it names stand several times, which is wrong in any case: a long header line alone is none.
    """
    named = [name for name in names if name.strip()]
    repeated = len(named) - len(set(named))
    if repeated < _MANY_REPEATED or len(names) < 2 * bound:
        return None
    message = f"the whole file is one line of {len(names)} cells, expected a header line and a line for each row"
    advice = "the line ends were lost; export the file again, with a line break behind each row"
    return occurrence("line-too-long", message, file=file, line=line, advice=advice)


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


def _other_quote(line: str, delimiter: str, schema: FileSchema) -> tuple[str, str] | None:
    """In which quotes that the schema does not know all names stand, two at least, and what is expected instead."""
    declared = schema.dialect.quote
    cells = line.split(delimiter)
    for quote, title in _QUOTES.items():
        is_wrapped = all(len(cell) > 1 and cell[0] == cell[-1] == quote for cell in cells)
        if is_wrapped and quote != declared and min(len(cells), _count(cells, schema)) > 1:
            return title, "cells without quotes" if declared is None else _QUOTES.get(declared) or quoted(declared)
    return None


def _wrong_delimiter(
    found: str, schema: FileSchema, file: str, line: int, *, quotes: tuple[str, str] | None = None
) -> Occurrence:
    """The delimiter and the quotes in one finding: whoever corrects one of them alone is told of the other next."""
    declared = schema.dialect.delimiter
    is_now, expected = _DELIMITERS[found], _DELIMITERS.get(declared) or quoted(declared)
    advice = None
    if quotes is not None:
        is_now, expected = f"{is_now} and to stand in {quotes[0]}", f"{expected} and {quotes[1]}"
        advice = f"export with the right delimiter, and with {quotes[1]}"
    message = f"the cells seem to be separated by {is_now}, expected {expected}"
    severity = Severity.ERROR if schema.columns else Severity.WARNING
    return occurrence("wrong-delimiter", message, file=file, line=line, severity=severity, advice=advice)


def _by_count(line: str, schema: FileSchema, file: str, number: int) -> Occurrence | None:
    if schema.dialect.delimiter in line:
        return None
    counts = {other: line.count(other) for other in (",", ";", "\t", "|") if other != schema.dialect.delimiter}
    best = max(counts, key=lambda other: counts[other])
    return _wrong_delimiter(best, schema, file, number) if counts[best] else None


def _quoted_lines(first: str, schema: FileSchema, file: str, line: int) -> Occurrence | None:
    """All names stand in one pair of quotes: a file that was opened as one column and saved again."""
    dialect = schema.dialect
    if dialect.quote is None or not (len(first) > 1 and first[0] == first[-1] == dialect.quote):
        return None
    if _named(first[1:-1], dialect.delimiter, schema) < min(2, len(schema.columns)):
        return None
    message = "the line stands in quotes as a whole, so that it is one cell, expected quotes around single cells only"
    return occurrence(
        "wrong-delimiter", message, file=file, line=line, advice="export without quotes around whole lines"
    )


def _further_down(lines: list[str], schema: FileSchema, file: str, line: int) -> Occurrence | None:
    """A header line that stands below others: a title, a date, a note for a spreadsheet."""
    declared = schema.dialect.delimiter
    for number, text in enumerate(lines[line:], line + 1):
        # A cell of a row may hold anything; a header line that another delimiter splits is one cell for the right one.
        others = () if declared in text else tuple(other for other in _DELIMITERS if other != declared)
        for delimiter in (declared, *others):
            if _named(text, delimiter, schema) >= _enough(schema, is_declared=delimiter == declared):
                return _names_below(lines[line - 1], delimiter, schema, file, line=line, number=number)
    return None


def _rows_alone(lines: list[str], schema: FileSchema, file: str, line: int) -> Occurrence | None:
    """Rows without a header line above them that are split by another delimiter: each alone would be told first."""
    declared = schema.dialect.delimiter
    if len(schema.columns) == 1 or may_lack_all(schema) or _named(lines[0], declared, schema):
        return None
    rows = [text for text in lines[:-1] if text] or lines[:1]  # the last one may be cut off
    best = max(_OF_ROWS, key=lambda other: _width(rows[0], other))
    width = _width(rows[0], best)
    if best == declared or any(_width(text, best) != width or _width(text, declared) >= width for text in rows):
        return None
    expected = _DELIMITERS.get(declared) or quoted(declared)
    message = f"{no_name_known(width, schema)}; they seem to be separated by {_DELIMITERS[best]}, expected {expected}"
    advice = f"write the column names on line {line}, and export with the right delimiter"
    return occurrence("missing-header", message, file=file, line=line, advice=advice)


def _width(line: str, delimiter: str) -> int:
    """How many cells a line has that is split there, with quotes as usual if they can be."""
    return len(list(_splits(line, delimiter))[-1])


def _enough(schema: FileSchema, *, is_declared: bool) -> int:
    """How many columns a line names that is a header line: two, or the only one if nothing else speaks against it."""
    return min(2, len(schema.columns)) if is_declared else 2


def _names_below(first: str, delimiter: str, schema: FileSchema, file: str, *, line: int, number: int) -> Occurrence:
    message = f"the column names stand on line {number}, expected them on line {line}"
    above = f"the line above the column names (line {line})"
    if number > line + 1:
        above = f"the lines above the column names (line {line} to {number - 1})"
    if _NOTE.match(first):
        message = f"line {line} is a note for a spreadsheet; {message}"
    advice = f"export without {above}"
    if delimiter != schema.dialect.delimiter:
        expected = _DELIMITERS.get(schema.dialect.delimiter) or quoted(schema.dialect.delimiter)
        message += f"; they seem to be separated by {_DELIMITERS[delimiter]}, expected {expected}"
        advice += ", and with the right delimiter"
    return occurrence("missing-header", message, file=file, line=line, advice=advice)
