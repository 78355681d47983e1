"""Guesses from the beginning of a file how it is written: encoding, delimiter, quote, header line."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from watcher.schema.model import Dialect

#: So much of a file is looked at.
HEAD_BYTES = 256 * 1024
_RECORDS = 200
_NEARLY_ALL = 0.9
_DELIMITERS = (",", "\t", ";", "|", "~", "^", "\x1f")
#: Quote and escape, likeliest first.
_QUOTES: tuple[tuple[str | None, str | None], ...] = (('"', None), ('"', "\\"), ("'", None), (None, None))
#: Bytes that mean nothing in Windows-1252.
_UNDEFINED = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
_DATA = re.compile(r"[-+]?[0-9][0-9.,/: -]*|.*@.*\..*|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Reading:
    """What one way to read gives: the number of cells that most records have, and how many of them do, 0 to 1."""

    width: int
    share: float
    first: tuple[str, ...]


def sniff(head: bytes, *, header: bool | None = None) -> Dialect:
    """The dialect of a file that begins so; `header` says whether there is a header line, None if that is not known."""
    encoding = sniff_encoding(head)
    text = _decoded(head, encoding)
    best, found = Dialect(), _Reading(0, 0, ())
    for delimiter in _DELIMITERS:
        one = _of_delimiter(text, delimiter, is_cut=len(head) >= HEAD_BYTES)
        if one is not None and _is_better(one[1], found):
            best, found = one
    first = found.first or _first_line(text)
    has_header = not any(_DATA.fullmatch(cell.strip()) for cell in first) if header is None else header
    return Dialect(best.delimiter, best.quote, best.escape, header=has_header, encoding=encoding)


def sniff_encoding(head: bytes) -> str:
    """One of the encodings that a dialect can name."""
    nuls = head[:64].count(0)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or (len(head) > 1 and 0.4 <= nuls / len(head[:64]) <= 0.6):  # noqa: PLR2004
        return "utf-16"
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        if len(head) < HEAD_BYTES or error.start < len(head) - 3:  # else it is a character cut in two
            return single_byte_encoding(head)
    return "utf-8"


def single_byte_encoding(data: bytes) -> str:
    """The likeliest encoding of what is not UTF-8."""
    return "iso-8859-1" if _UNDEFINED.search(data) else "windows-1252"


def _decoded(head: bytes, encoding: str) -> str:
    if encoding == "utf-16" and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16-be" if head[:1] == b"\0" else "utf-16-le"
    return head.decode("utf-8-sig" if encoding == "utf-8" else encoding, errors="replace")


def _quotes(text: str, delimiter: str) -> Iterator[tuple[str | None, str | None]]:
    """The quotes that may be meant; an apostrophe only where it stands around cells, an escape where it is used."""
    around = len(re.findall(rf"(?m)(?:^|{re.escape(delimiter)})'[^'\n]*'(?={re.escape(delimiter)}|\r?$)", text))
    for quote, escape in _QUOTES:
        if escape is not None and f"{escape}{quote}" not in text:
            continue  # the library would take text behind a closing quote then
        if quote != "'" or around > text.count(f'{delimiter}"') + 1:
            yield quote, escape


def _read(text: str, delimiter: str, quote: str | None, escape: str | None, *, is_cut: bool) -> _Reading | None:
    """The beginning read in one way; None if it can't be."""
    records: list[list[str]] = []
    reader = csv.reader(
        text.splitlines(keepends=True),
        delimiter=delimiter,
        quotechar=quote,
        escapechar=escape,
        doublequote=escape is None,
        quoting=csv.QUOTE_NONE if quote is None else csv.QUOTE_MINIMAL,
        strict=True,
    )
    try:
        for record in reader:
            if record:
                records.append(record)
            if len(records) >= _RECORDS:
                break
    except csv.Error:
        if not is_cut or reader.line_num < text.count("\n"):
            return None
    if is_cut and len(records) > 1 and len(records) < _RECORDS:
        records.pop()
    return _reading(records)


def _reading(records: Sequence[Sequence[str]]) -> _Reading | None:
    if not records:
        return None
    [(width, count)] = Counter(map(len, records)).most_common(1)
    if min(width, len(records[0])) == 1:
        return None  # the header line would know of no delimiter
    return _Reading(width, count / len(records), tuple(records[0]))


def _is_better(one: _Reading, other: _Reading) -> bool:
    """Whether more records agree; of two that agree alike, which has more cells."""
    return (round(one.share, 1), one.width) > (round(other.share, 1), other.width)


def _of_delimiter(text: str, delimiter: str, *, is_cut: bool) -> tuple[Dialect, _Reading] | None:
    """The first way to read quotes by which nearly all records agree; else the one by which most do."""
    best: tuple[Dialect, _Reading] | None = None
    for quote, escape in _quotes(text, delimiter):
        reading = _read(text, delimiter, quote, escape, is_cut=is_cut)
        if reading is None:
            continue
        if best is None or reading.share > best[1].share:
            best = Dialect(delimiter, quote, escape), reading
        if best[1].share >= _NEARLY_ALL:
            return best
    return best


def _first_line(text: str) -> tuple[str, ...]:
    with suppress(StopIteration):
        return (next(line for line in text.splitlines() if line.strip()),)
    return ()
