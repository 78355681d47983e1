"""Occurrences as CSV: every single one, a row each, written as it is found and never kept in memory.

The file will be opened in a spreadsheet by someone who trusts it, and its values come from someone else's file. So each
place where a spreadsheet could begin a formula gets an apostrophe before it, also after a character that the
spreadsheet's locale may take for the delimiter (https://owasp.org/www-community/attacks/CSV_Injection).
"""

from __future__ import annotations

import csv
import re
from functools import lru_cache
from typing import Protocol

from watcher.model.findings import Occurrence
from watcher.reporting.clean import NAME_LIMIT, PROSE_LIMIT, VALUE_LIMIT
from watcher.text import printable

HEADER = ("severity", "code", "file", "line", "column", "record", "message", "value", "advice", "rule")

#: A formula's first character (the full-width forms work in some locales) where a cell may begin.
_FORMULA = re.compile(r"""(^|[,;|"\t])(\s*)(?=[=+\-@＝＋－＠])""")  # noqa: RUF001 (full-width on purpose)


class TextStream(Protocol):
    """What a writer needs of its stream."""

    def write(self, text: str, /) -> object: ...


class OccurrenceWriter:
    """Writes the header at once and a row for each occurrence it is called with.

    Rows end in a newline and hold none: a line of the file is a finding. The stream stays the caller's, to flush and
    close; it should be UTF-8.
    """

    def __init__(self, stream: TextStream) -> None:
        self._rows = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\n")
        self._rows.writerow(HEADER)

    def __call__(self, occurrence: Occurrence) -> None:
        value = occurrence.value
        self._rows.writerow(
            (
                occurrence.severity.value,
                _cell(occurrence.code, NAME_LIMIT),
                _cell(occurrence.file, NAME_LIMIT),
                occurrence.line,
                _cell(occurrence.column, NAME_LIMIT),
                occurrence.record,
                _cell(occurrence.message, PROSE_LIMIT),
                None if value is None else defuse(printable(value, VALUE_LIMIT)),
                _cell(occurrence.advice, PROSE_LIMIT),
                _cell(occurrence.rule, VALUE_LIMIT),
            )
        )


@lru_cache(maxsize=1024)
def _cell(text: str | None, limit: int) -> str | None:
    """A text that many rows have in common, made harmless once."""
    return None if text is None else defuse(printable(text, limit))


def defuse(text: str) -> str:
    """The text with an apostrophe before everything that a spreadsheet could take for a formula."""
    return _FORMULA.sub(r"\1\2'", text)
