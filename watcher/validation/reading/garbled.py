"""Finds text that was decoded wrongly before it was written to the file: `garbled-text`, a warning.

The file is sound UTF-8, so that nothing else would say so. What is looked for:

1. UTF-8 that was read as Windows-1252 or ISO-8859-1 and written as UTF-8 again: the two characters that became of one
   accented letter, the three of a typographic quote or a dash.
2. U+FFFD, which programs put where they can't decode a byte, and the three characters that become of it in turn.

Lawful text is never hit. A capital A with a tilde or a circumflex is a letter of Portuguese and others, so it counts
only in front of what can't follow it there. A dash, a closing quote or a no-break space can, at the end of a word in
capitals: these count only behind a small letter, since no capital follows one within a word.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from watcher.model.findings import Occurrence, Severity
from watcher.schema.model import FileSchema
from watcher.validation.findings.occurrences import Breaches, occurrence, shown
from watcher.validation.reading.encodings import UTF8
from watcher.validation.reading.header import HeaderMatch
from watcher.validation.reading.rows import Chunk

#: What the characters 80 to 9F of Windows-1252 are, but for those that may follow a word: dashes, closing quotes, dots.
_OF_WINDOWS = (
    "\u20ac\u201a\u0192\u201e\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u017d\u2022\u02dc\u2122\u0161\u0153\u017e\u0178"
)
_AFTER_A_WORD = "\u00a0\u00bb\u2019\u201d\u2026\u2013\u2014\u203a"
_OPENING = "\u2018\u201c"
_SIGNS = "\u0080-\u009f\u00a1-\u00ba\u00bc-\u00bf"
_PATTERN = "|".join(
    (
        "\ufffd",
        "\u00ef\u00bf\u00bd",
        f"[\u00c2\u00c3][{_SIGNS}]",
        f"\u00c3[{_OF_WINDOWS}]",
        rf"\u00c3[{_OPENING}]\p{{L}}",
        rf"\p{{Ll}}\u00c3[{_AFTER_A_WORD}{_OPENING}]",
        r"\p{Ll}\u00c2[\u00a0\u00bb]",
        r"^(?:\u00c2\u00a0)+$",
        r"\u00e2[\u20ac\u0080][^\x00-\x7f]",
    )
)
#: One of these is in each text that the pattern finds. Behind each the rarest of its bytes: a single byte is looked for
#: ten times as quickly, and in names of Western Europe there is none of these.
_MARKERS = tuple(
    (text.encode(), byte)
    for text, byte in (
        ("\ufffd", 0xEF),
        ("\u00c3", 0x83),
        ("\u00c2", 0x82),
        ("\u00e2\u20ac", 0xE2),
        ("\u00e2\u0080", 0xC2),
        ("\u00ef\u00bf\u00bd", 0xC2),
    )
)
_WORD_BYTES, _HIGH_BITS = 8, np.uint64(0x8080_8080_8080_8080)
_MESSAGE = "letters are garbled or lost: text was read in a wrong encoding before it was written to this file"


def may_be_garbled(data: bytes) -> bool:
    """Whether text of UTF-8 may be garbled; mostly it is ASCII, and that is quickly seen."""
    if data.isascii():
        return False
    beyond = _beyond_ascii(data)
    return any(byte in beyond and marker in beyond for marker, byte in _MARKERS)


def _beyond_ascii(data: bytes) -> bytes:
    """The bytes beyond ASCII one behind the other, with a few of the last ones, whatever they are.

    They are few as a rule, and all markers are made of them. Looking for markers in the whole text would take ten times
    as long, and other threads would have to wait for it.
    """
    whole = len(data) // _WORD_BYTES
    words = np.frombuffer(data, dtype=np.uint64, count=whole)
    near = words[(words & _HIGH_BITS) != 0].view(np.uint8)
    beyond: bytes = near[near > 127].tobytes()  # noqa: PLR2004 (the last of ASCII)
    return beyond + data[whole * _WORD_BYTES :]


def are_garbled(texts: pl.Series) -> pl.Series:
    """Which of the texts are garbled, as booleans; null for null."""
    return texts.str.contains(_PATTERN)


class Garbled:
    """Garbled cells and column names of one file: nothing, if the file should not be UTF-8. `file` is printable."""

    def __init__(self, file: str, header: HeaderMatch, schema: FileSchema) -> None:
        self._file = file
        self._columns = _columns(header) if schema.dialect.encoding == UTF8 else {}

    def broken(self, chunk: Chunk) -> Iterator[Breaches]:
        """The garbled cells of a chunk, column by column. May run in several threads."""
        if not (chunk.may_be_garbled and chunk.frame.height and self._columns):
            return
        suspect = _columns_beyond_ascii(chunk.frame.select(list(self._columns)))
        found = chunk.frame.select(pl.col(suspect).str.contains(_PATTERN).fill_null(value=False))
        for key in suspect:
            flags = found[key].to_numpy(writable=True)
            flags[[row for row, position in chunk.damaged if str(position) == key]] = False
            if flags.any():
                yield Breaches(
                    code="garbled-text",
                    message=_MESSAGE,
                    file=self._file,
                    lines=chunk.lines[flags],
                    records=chunk.numbers[flags],
                    column=self._columns[key],
                    values=chunk.frame[key].filter(pl.Series(flags)),
                    severity=Severity.WARNING,
                )


def _columns_beyond_ascii(frame: pl.DataFrame) -> list[str]:
    """The columns that hold more than ASCII; counting is quicker than looking for garbled text."""
    more = frame.select(pl.all().str.len_bytes().sum() - pl.all().str.len_chars().sum())
    return [key for key, count in zip(frame.columns, more.row(0), strict=True) if count]


def garbled_names(names: tuple[str, ...], header: HeaderMatch, file: str, line: int) -> Iterator[Occurrence]:
    """The garbled ones of the names on a header line of UTF-8."""
    columns = _columns(header)
    for position in are_garbled(pl.Series(names, dtype=pl.String)).arg_true().to_list():
        name = shown(names[position])
        column = columns.get(str(position), name)
        yield occurrence(
            "garbled-text", _MESSAGE, severity=Severity.WARNING, file=file, line=line, column=column, value=name
        )


def _columns(header: HeaderMatch) -> dict[str, str]:
    """The names of the columns, as findings have them, by their names in frames; a repeated one is not read."""
    named = {position: name if name.strip() else f"column {position + 1}" for position, name in header.others}
    named |= {bound.position: bound.column.name for bound in header.bound}
    return {str(position): shown(name) for position, name in sorted(named.items())}
