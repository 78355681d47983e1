"""Splits bytes into records one byte after the other, by the grammar as it is written down, in the plainest way.

Every sound record is split a second time by Python's `csv`; the two must agree.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from watcher.schema.model import Dialect

_LF, _CR = ord("\n"), ord("\r")


@dataclass(frozen=True, slots=True)
class Split:
    """A record: the line it begins on, its cells, or its fault with the line of that. Blank: neither."""

    line: int
    cells: tuple[bytes, ...] = ()
    fault: str = ""
    fault_line: int = 0
    text: bytes = b""


def split(data: bytes, dialect: Dialect, most_bytes: int) -> Iterator[Split]:
    """All records of a file without its byte-order mark, those of more bytes than that as faults."""
    walker = _Walker(data, dialect, most_bytes)
    start = 0
    while start < len(data):
        line = 1 + data.count(b"\n", 0, start)
        cells, fault, fault_at, end = walker.record(start)
        found = Split(line, cells, fault, 1 + data.count(b"\n", 0, fault_at) if fault else 0, data[start:end])
        if not fault and cells:
            _agree(found, dialect)
        yield found
        start = end


class _Walker:
    def __init__(self, data: bytes, dialect: Dialect, most_bytes: int) -> None:
        self.data = data
        self.most_bytes = most_bytes
        self.delimiter = ord(dialect.delimiter)
        self.quote = ord(dialect.quote) if dialect.quote else -1
        self.escape = ord(dialect.escape) if dialect.escape else -1

    def record(self, start: int) -> tuple[tuple[bytes, ...], str, int, int]:
        """Cells, fault, where the fault is, where the next record begins."""
        if self._is_blank(start):
            return (), "", 0, self._next_line(start)
        cells: list[bytes] = []
        lone, at = -1, start
        limit = start + self.most_bytes
        is_limited = limit < len(self.data)
        while True:
            if is_limited and at >= limit:
                return (), "line-too-long", start, self._next_line(limit)
            if self._byte(at) == self.quote:
                text, after = self._quoted(at)
                if is_limited and not 0 <= after < limit:
                    fault = "unbalanced-quote" if b"\n" in self.data[at:limit] else "line-too-long"
                    return (), fault, at if fault == "unbalanced-quote" else start, self._next_line(at)
                if after < 0:
                    return (), "unbalanced-quote", at, self._next_line(at)
                if not self._may_follow(after):
                    fault = self._after_quote(at, after)
                    return (), fault, at if fault == "unbalanced-quote" else after, self._next_line(at)
            else:
                text, after, found = self._plain(at)
                lone = found if lone < 0 else lone
                if is_limited and after >= limit:
                    return (), "line-too-long", start, self._next_line(limit)
            cells.append(text)
            at = after
            if self._byte(at) == self.delimiter:
                at += 1
                continue
            if self._byte(at) == _CR:
                at += 1
            end = min(at + 1, len(self.data))
            if end > limit:
                return (), "line-too-long", start, end
            return (tuple(cells), "", 0, end) if lone < 0 else ((), "lone-cr", lone, end)

    def _byte(self, at: int) -> int:
        return self.data[at] if at < len(self.data) else -2

    def _is_blank(self, at: int) -> bool:
        return self._byte(at) == _LF or (self._byte(at) == _CR and self._byte(at + 1) == _LF)

    def _next_line(self, at: int) -> int:
        found = self.data.find(b"\n", at)
        return len(self.data) if found < 0 else found + 1

    def _quoted(self, opened: int) -> tuple[bytes, int]:
        """The text of a quoted cell and the offset behind its closing quote, -1 if there is none."""
        text = bytearray()
        at = opened + 1
        while at < len(self.data):
            byte = self.data[at]
            if byte == self.escape and at + 1 < len(self.data):
                text.append(self.data[at + 1])
                at += 2
            elif byte == self.quote and self.escape < 0 and self._byte(at + 1) == self.quote:
                text.append(byte)
                at += 2
            elif byte == self.quote:
                return bytes(text), at + 1
            else:
                text.append(byte)
                at += 1
        return b"", -1

    def _plain(self, at: int) -> tuple[bytes, int, int]:
        """The text of a plain cell, the offset of what ends it, and of the first lone carriage return in it."""
        text, lone = bytearray(), -1
        while at < len(self.data) and self.data[at] not in (self.delimiter, _LF):
            byte = self.data[at]
            if byte == self.escape and at + 1 < len(self.data):
                text.append(self.data[at + 1])
                at += 2
                continue
            if byte == _CR and self._byte(at + 1) == _LF:
                break
            if byte == _CR and lone < 0:
                lone = at
            text.append(byte)
            at += 1
        return bytes(text), at, lone

    def _may_follow(self, at: int) -> bool:
        byte = self._byte(at)
        return byte in (self.delimiter, _LF, -2) or (byte == _CR and self._byte(at + 1) == _LF)

    def _after_quote(self, opened: int, after: int) -> str:
        """Further down than the opening it is the opening quote that is wrong."""
        if after > self._next_line(opened):
            return "unbalanced-quote"
        return "lone-cr" if self._byte(after) == _CR else "malformed-quote"


def _agree(found: Split, dialect: Dialect) -> None:
    """Raises AssertionError where Python's `csv` splits a sound record otherwise."""
    if b"\0" in found.text or re.search(rb"\\([\r\n]|$)", found.text):
        return  # csv has odd ways with an escaped line end, and with a NUL another one in each of its versions
    rows = list(
        csv.reader(
            io.StringIO(found.text.decode("latin-1"), newline=""),
            delimiter=dialect.delimiter,
            quotechar=dialect.quote,
            quoting=csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE,
            escapechar=dialect.escape,
            doublequote=dialect.escape is None,
            strict=True,
        )
    )
    cells = tuple(cell.encode("latin-1") for cell in rows[0]) if rows else ()
    if len(rows) != 1 or cells != found.cells:
        raise AssertionError(f"csv splits {found.text!r} into {rows!r}, this into {found.cells!r}")
