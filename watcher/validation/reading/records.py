r"""Splits bytes into records one by one, exactly: the slow reader that decides wherever the quick one can't prove.

The grammar, on bytes of UTF-8:

1. A record is cells with delimiters between them, ended by LF, CRLF or the end of the file.
2. A cell that begins with a quote ends at the next quote that is not doubled; delimiter, line end or the end of the
   file must follow. In between everything is the cell's, line ends too.
3. In any other cell quotes are plain text.
4. Where there is an escape byte it makes the next byte plain text, quoted or not, a line end too; a doubled quote then
   has no meaning. At the very end of the file, with nothing behind it, it stands for itself.
5. A CR that is neither quoted, escaped nor before LF is a fault: `lone-cr`. It is not a line end.
6. Text after a closing quote on the line where the quote was opened is `malformed-quote`; further down, or with no
   closing quote at all, it is the opening one that is wrong: `unbalanced-quote`. Reading goes on with the line after
   the opening.
7. A record of more bytes than the limit is a fault too: `line-too-long`, or `unbalanced-quote` if the quote that is
   open has line ends behind it.
8. A record without a single byte before its line end is blank: no row.

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
    """How a file is written, in bytes; `quote` None: quotes are plain text.

    `encoding` is the one that its text is in (see `encodings`); the readers meet it as UTF-8. `old_line_ends`: a CR
    ends a line like LF; the readers meet it as LF.
    """

    delimiter: bytes = b","
    quote: bytes | None = b'"'
    escape: bytes | None = None
    max_record_bytes: int = MAX_RECORD_BYTES
    encoding: str = "utf-8"
    old_line_ends: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """One record or one fault.

    `start` and `end` are offsets into the buffer, `end` behind the line end. `fault_at` is where the fault lies: for an
    unbalanced quote that quote. `cells` are unquoted and still bytes; empty for a blank line and for a fault.
    `is_ended`: no fault, and a line end stands behind it, as behind each but the last one of a file.
    """

    start: int
    end: int
    cells: tuple[bytes, ...] = ()
    fault: str | None = None
    fault_at: int = 0
    is_ended: bool = False

    @property
    def is_blank(self) -> bool:
        return not self.cells and self.fault is None

    def moved(self, by: int) -> Record:
        """The same, in a buffer in which everything stands so many bytes further on."""
        if not by:
            return self
        return Record(self.start + by, self.end + by, self.cells, self.fault, self.fault_at + by, self.is_ended)


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
    special = (grammar.quote, grammar.escape)
    if any(byte is not None and buffer.find(byte, start, content_end) >= 0 for byte in special):
        cells = _escaped_line(buffer[start:content_end], grammar) if line_end >= 0 else None
        return (
            Record(start, line_end + 1, cells, is_ended=True) if cells else _cell_by_cell(buffer, grammar, start, limit)
        )
    return _plain(buffer, grammar, start, limit, line_end)


def _plain(buffer: bytes, grammar: Grammar, start: int, limit: int, line_end: int) -> Record:
    """A record without any quote or escape on its first line: it is that line."""
    if line_end < 0 and limit < len(buffer):
        return Record(start, _next_line(buffer, limit), fault="line-too-long", fault_at=start)
    end = limit if line_end < 0 else line_end + 1
    content = buffer[start : limit if line_end < 0 else line_end]
    if line_end >= 0 and content.endswith(b"\r"):
        content = content[:-1]
    if (lone := content.find(b"\r")) >= 0:
        return Record(start, end, fault="lone-cr", fault_at=start + lone)
    return Record(start, end, tuple(content.split(grammar.delimiter)) if content else (), is_ended=line_end >= 0)


def _escaped_line(line: bytes, grammar: Grammar) -> tuple[bytes, ...] | None:
    """The cells of a line with escapes, without its LF, where nothing else is special about it: the commonest case."""
    escape, text = grammar.escape, line.removesuffix(b"\r")
    if escape is None or text.endswith(escape) or b"\r" in text:
        return None
    if grammar.quote is not None and grammar.quote in text:
        return None
    unescaped = _patterns(grammar).unescaped
    cells: list[bytes] = []
    before: list[bytes] = []
    for part in text.split(grammar.delimiter):
        if (len(part) - len(part.rstrip(escape))) % 2:
            before.append(part)  # the delimiter behind it is plain
        elif before or escape in part:
            cells.append(unescaped(grammar.delimiter.join((*before, part))))
            before.clear()
        else:
            cells.append(part)
    return tuple(cells)


def _cell_by_cell(buffer: bytes, grammar: Grammar, start: int, limit: int) -> Record:
    """A record with quotes or escapes."""
    patterns = _patterns(grammar)
    cells: list[bytes] = []
    lone_at = -1
    at = start
    while True:
        opened = at
        if grammar.quote is not None and buffer.startswith(grammar.quote, at, limit):
            found = patterns.quoted.match(buffer, at, limit)
            if found is None or found.end() == limit < len(buffer):
                return _unclosed(buffer, start, opened, limit)
            at = found.end()
            cells.append(patterns.unquoted(found.group(1)))
            follows = _follows(buffer, grammar, at)
            if follows is None:
                return _text_after_quote(buffer, start, opened, at)
        else:
            text_found = patterns.plain.match(buffer, at, limit)
            at = at if text_found is None else text_found.end()
            if at == limit < len(buffer):
                return Record(start, _next_line(buffer, at), fault="line-too-long", fault_at=start)
            follows = buffer[at : at + 1]
            lone, text = patterns.plain_text(buffer[opened:at], at_line_end=follows == b"\n")
            lone_at = opened + lone if lone_at < 0 <= lone else lone_at
            cells.append(text)
        at += len(follows)
        if follows == grammar.delimiter:
            continue
        if at > start + grammar.max_record_bytes:  # by the CRLF behind a quote
            return Record(start, at, fault="line-too-long", fault_at=start)
        if lone_at >= 0:
            return Record(start, at, fault="lone-cr", fault_at=lone_at)
        return Record(start, at, tuple(cells), is_ended=bool(follows))


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


@dataclass(frozen=True, slots=True)
class _Patterns:
    """What a grammar's cells look like; possessive, so that nothing is tried twice.

    `quoted` is a quoted cell with its quotes, `plain` the text of any other one.
    """

    quote: bytes
    escape: bytes | None
    quoted: re.Pattern[bytes]
    plain: re.Pattern[bytes]
    escaped: re.Pattern[bytes] | None

    def unquoted(self, inside: bytes) -> bytes:
        """The text of a quoted cell, given what stands between its quotes."""
        if self.escaped is None:
            return inside.replace(self.quote + self.quote, self.quote)
        return self.unescaped(inside)

    def unescaped(self, text: bytes) -> bytes:
        """The text without the bytes that make others plain."""
        return text if self.escaped is None else self.escaped.sub(rb"\1", text)

    def plain_text(self, cell: bytes, *, at_line_end: bool) -> tuple[int, bytes]:
        """Where a CR stands alone in a plain cell (-1: nowhere), and the cell's text without the CR of a line end."""
        # In the place of what is escaped any other text will do to look for a CR.
        bare = cell if self.escaped is None else self.escaped.sub(b"..", cell)
        if at_line_end and bare.endswith(b"\r"):
            cell, bare = cell[:-1], bare[:-1]
        return bare.find(b"\r"), self.unescaped(cell)


@lru_cache(maxsize=16)
def _patterns(grammar: Grammar) -> _Patterns:
    quote, delimiter = re.escape(grammar.quote or b""), re.escape(grammar.delimiter)
    if grammar.escape is None:
        quoted = re.compile(b"%b((?:[^%b]++|%b%b)*+)%b" % (quote, quote, quote, quote, quote))
        return _Patterns(grammar.quote or b"", None, quoted, re.compile(b"[^%b\\n]*+" % delimiter), None)
    escape = re.escape(grammar.escape)
    quoted = re.compile(b"%b((?:[^%b%b]++|%b.)*+)%b" % (quote, quote, escape, escape, quote), re.DOTALL)
    plain = re.compile(b"(?:[^%b\\n%b]++|%b.)*+(?:%b\\Z)?" % (delimiter, escape, escape, escape), re.DOTALL)
    escaped = re.compile(b"%b(.)" % escape, re.DOTALL)
    return _Patterns(grammar.quote or b"", grammar.escape, quoted, plain, escaped)
