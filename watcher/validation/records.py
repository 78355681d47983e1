r"""Splits bytes into records one by one, exactly: the slow reader that decides wherever the quick one can't prove.

The grammar, on bytes of UTF-8:

1. A record is cells with delimiters between them, ended by LF, CRLF or the end of the file.
2. A cell that begins with a quote ends at the next quote that is not doubled; delimiter, line end or the end of the
   file must follow. In between everything is the cell's, line ends too.
3. In any other cell quotes are plain text.
4. A CR that is neither quoted nor before LF is a fault: `lone-cr`. It is not a line end.
5. Text after a closing quote on the line where the quote was opened is `malformed-quote`; further down, or with no
   closing quote at all, it is the opening one that is wrong: `unbalanced-quote`. Reading goes on with the line after
   the opening.
6. A record of more bytes than the limit is a fault too: `line-too-long`, or `unbalanced-quote` if the quote that is
   open has line ends behind it.
7. A record without a single byte before its line end is blank: no row.

Lines end with LF only, wherever it stands; that is what an editor counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

#: More bytes than this in one record are not believed.
MAX_RECORD_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Grammar:
    """How a file is written, in bytes; `quote` None: quotes are plain text."""

    delimiter: bytes = b","
    quote: bytes | None = b'"'
    max_record_bytes: int = MAX_RECORD_BYTES


@dataclass(frozen=True, slots=True)
class Record:
    """One record or one fault.

    `start` and `end` are offsets into the buffer, `end` behind the line end. `fault_at` is where the fault lies: for an
    unbalanced quote that quote. `cells` are unquoted and still bytes; empty for a blank line and for a fault.
    """

    start: int
    end: int
    cells: tuple[bytes, ...] = ()
    fault: str | None = None
    fault_at: int = 0

    @property
    def is_blank(self) -> bool:
        return not self.cells and self.fault is None


def records(buffer: bytes, grammar: Grammar, start: int = 0, stop: int | None = None) -> Iterator[Record]:
    """The records that start before `stop`, in order.

    The buffer must reach more than `max_record_bytes` beyond, or to the end of the file. A line that is too long may
    end past the buffer: then `end` is the buffer's length and the caller skips to the LF.
    """
    stop = len(buffer) if stop is None else stop
    while start < stop:
        record = read_record(buffer, grammar, start)
        yield record
        start = record.end


def read_record(buffer: bytes, grammar: Grammar, start: int) -> Record:
    """The record that starts here; there must be at least one byte."""
    limit = min(len(buffer), start + grammar.max_record_bytes)
    line_end = buffer.find(b"\n", start, limit)
    content_end = limit if line_end < 0 else line_end
    if grammar.quote is None or buffer.find(grammar.quote, start, content_end) < 0:
        return _plain(buffer, grammar, start, limit, line_end)
    return _quoted(buffer, grammar, start, limit)


def _plain(buffer: bytes, grammar: Grammar, start: int, limit: int, line_end: int) -> Record:
    """A record without any quote on its first line: it is that line."""
    if line_end < 0 and limit < len(buffer):
        return Record(start, _next_line(buffer, limit), fault="line-too-long", fault_at=start)
    end = limit if line_end < 0 else line_end + 1
    content = buffer[start : limit if line_end < 0 else line_end]
    if line_end >= 0 and content.endswith(b"\r"):
        content = content[:-1]
    if (lone := content.find(b"\r")) >= 0:
        return Record(start, end, fault="lone-cr", fault_at=start + lone)
    return Record(start, end, tuple(content.split(grammar.delimiter)) if content else ())


def _quoted(buffer: bytes, grammar: Grammar, start: int, limit: int) -> Record:
    """A record cell by cell."""
    quoted, plain = _patterns(grammar)
    quote = grammar.quote or b""
    cells: list[bytes] = []
    lone_at = -1
    at = start
    while True:
        if buffer.startswith(quote, at, limit):
            opened = at
            found = quoted.match(buffer, at, limit)
            if found is None or found.end() == limit < len(buffer):
                return _unclosed(buffer, start, opened, limit)
            cells.append(found.group(1).replace(quote + quote, quote))
            at = found.end()
            follows = _follows(buffer, grammar, at)
            if follows is None:
                return _text_after_quote(buffer, start, opened, at)
        else:
            found = plain.match(buffer, at, limit)
            text = found.group() if found else b""
            found_length = len(text)
            at += found_length
            if at == limit < len(buffer):
                return Record(start, _next_line(buffer, at), fault="line-too-long", fault_at=start)
            if buffer.startswith(b"\n", at) and text.endswith(b"\r"):
                text = text[:-1]
            if lone_at < 0 and b"\r" in text:
                lone_at = buffer.find(b"\r", at - found_length)
            cells.append(text)
            follows = buffer[at : at + 1]
        at += len(follows)
        if follows == grammar.delimiter:
            continue
        return Record(start, at, tuple(cells)) if lone_at < 0 else Record(start, at, (), "lone-cr", lone_at)


def _follows(buffer: bytes, grammar: Grammar, at: int) -> bytes | None:
    """What rightly stands behind a closing quote: delimiter, line end, nothing; None for anything else."""
    for allowed in (grammar.delimiter, b"\n", b"\r\n"):
        if buffer.startswith(allowed, at):
            return allowed
    return b"" if at == len(buffer) else None


def _unclosed(buffer: bytes, start: int, opened: int, limit: int) -> Record:
    """A quote that nothing closes; if there is no line end either, the line is what is wrong."""
    is_one_line = limit < len(buffer) and buffer.find(b"\n", opened, limit) < 0
    fault, at = ("line-too-long", start) if is_one_line else ("unbalanced-quote", opened)
    return Record(start, _next_line(buffer, opened), fault=fault, fault_at=at)


def _text_after_quote(buffer: bytes, start: int, opened: int, at: int) -> Record:
    end = _next_line(buffer, opened)
    if at > end:
        return Record(start, end, fault="unbalanced-quote", fault_at=opened)
    fault = "lone-cr" if buffer.startswith(b"\r", at) else "malformed-quote"
    return Record(start, end, fault=fault, fault_at=at)


def _next_line(buffer: bytes, at: int) -> int:
    """The offset behind the next LF; the buffer's length if there is none."""
    found = buffer.find(b"\n", at)
    return len(buffer) if found < 0 else found + 1


@lru_cache(maxsize=16)
def _patterns(grammar: Grammar) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    """A quoted cell with its quotes, and the text of a plain one; possessive, so that nothing is tried twice."""
    quote = re.escape(grammar.quote or b"")
    quoted = re.compile(b"%b((?:[^%b]++|%b%b)*+)%b" % (quote, quote, quote, quote, quote))
    return quoted, re.compile(b"[^%b\\n]*+" % re.escape(grammar.delimiter))
