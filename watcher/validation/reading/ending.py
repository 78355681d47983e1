"""What can be said of a file only when all of it was read: whether it was cut off, which columns were always empty."""

from __future__ import annotations

from collections.abc import Iterator

from watcher.model.findings import Occurrence, Severity
from watcher.validation.findings.occurrences import occurrence
from watcher.validation.reading.encodings import is_wide
from watcher.validation.reading.layout import Layout
from watcher.validation.reading.nameless import nameless_column
from watcher.validation.reading.rows import Chunk
from watcher.validation.reading.source import Source

_LAST_BYTES = 4
#: Ctrl-Z.
_SUBSTITUTE = b"\x1a"
_CUT = {"ragged-row", "unbalanced-quote", "malformed-quote", "encoding"}


class Ending:
    """Follows a file's chunks, in order, to its end."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._filled: set[int] = set()
        self._rows = 0
        self._last_is_whole = True

    def take(self, chunk: Chunk) -> None:
        """The next chunk, ready to be judged."""
        self._filled |= chunk.filled
        if chunk.records:
            self._rows += chunk.records
            damaged = {fault.record for fault in chunk.faults if fault.code in _CUT}
            damaged |= {int(many.numbers[-1]) for many in chunk.many if many.code in _CUT}
            self._last_is_whole = self._rows not in damaged

    def found(self, source: Source) -> Iterator[Occurrence]:
        """All that there is to say. Raises OSError."""
        name = self._layout.name
        if not self._ends_a_line(source):
            yield self._unended(source)
        severity = self._layout.schema.header_only.severity
        if self._rows == 0 and severity is not None:
            message = "the file has a header line and no rows, expected rows"
            yield occurrence("header-only", message, severity=severity, file=name)
        yield from self._nameless()

    def _unended(self, source: Source) -> Occurrence:
        """What is to be said of the last line, which does not end."""
        if source.read(source.size_bytes - 1, 1) == _SUBSTITUTE and not is_wide(self._layout.grammar.encoding):
            return _end_of_file(self._layout.name)
        return _no_line_end(self._layout.name) if self._last_is_whole else _cut_off(self._layout.name)

    def _ends_a_line(self, source: Source) -> bool:
        """Whether the last character is a line end; an empty file counts as one that ends well."""
        grammar = self._layout.grammar
        last = source.read(max(0, source.size_bytes - _LAST_BYTES), _LAST_BYTES)
        encoding = grammar.encoding if is_wide(grammar.encoding) else "ascii"
        ends = ("\n", "\r") if grammar.old_line_ends else ("\n",)
        return not last or any(last.endswith(end.encode(encoding)) for end in ends)

    def _nameless(self) -> Iterator[Occurrence]:
        """Nameless columns behind the last one: one warning for all that are empty, a finding for each other one."""
        layout = self._layout
        for position in layout.header.nameless:
            if position in self._filled:
                yield nameless_column(position, layout.schema, layout.name, layout.header_line)
        empty = len(layout.header.nameless) - len(self._filled)
        if empty:
            message = f"{empty} nameless empty {'column follows' if empty == 1 else 'columns follow'} the last one"
            yield occurrence(
                "trailing-columns", message, severity=Severity.WARNING, file=layout.name, line=layout.header_line
            )


def _no_line_end(name: str) -> Occurrence:
    message = "the last line has no line end, expected one"
    return occurrence("no-final-newline", message, severity=Severity.WARNING, file=name)


def _cut_off(name: str) -> Occurrence:
    message = "the file ends in the middle of a row: it was probably cut off on its way"
    advice = "send the file again, and wait for the upload to end before the marker is sent"
    return occurrence("no-final-newline", message, severity=Severity.WARNING, file=name, advice=advice)


def _end_of_file(name: str) -> Occurrence:
    message = "the file ends with a Ctrl-Z (the byte 1A), which old programs write at the end, expected a line end"
    advice = "have the export leave it out; if it stands on a line of its own, that line is taken for a row"
    return occurrence("no-final-newline", message, severity=Severity.WARNING, file=name, advice=advice)
