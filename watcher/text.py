"""Makes text from outside fit for one line of a terminal, a log or a report. Standard library only.

Names on disk are bytes chosen by a stranger: they may hold newlines, escape sequences, undecodable bytes and
characters that turn the reading direction. Here they become visible instead of effective.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable, Sequence

#: Controls (C0, DEL, C1), soft hyphen, bidi marks and overrides, line and paragraph separators, invisible spaces,
#: surrogates and noncharacters. Joiners (U+200C, U+200D) stay: Persian names and emoji need them.
_UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb\ufffe\uffff]"
)
_SHORT = {"\t": r"\t", "\n": r"\n", "\r": r"\r"}
_ELLIPSIS = "…"
#: `os.fsdecode` turns the byte 0x80 into U+DC80 and so on up to 0xff.
_BYTE_SURROGATES = range(0xDC80, 0xDD00)


def printable(text: str, limit: int | None = None) -> str:
    r"""The text with everything that is not to be printed backslash-escaped: a newline is `\n`, ESC is `\x1b`.

    An undecodable byte (a surrogate made by `os.fsdecode`) is shown as that byte, `\xe9`; U+202E as `\u202e`. A
    backslash stays as it is, so that escaping twice changes nothing. With a limit (at least 1) the result has at most
    so many characters, the last of them an ellipsis where something was cut, and no escape is cut in two.
    """
    if limit is None:
        return _UNPRINTABLE.sub(_escape, text)
    # Escaping only lengthens: what lies past the limit need not be looked at, however long the text.
    escaped = _UNPRINTABLE.sub(_escape, text[: limit + 1])
    if len(escaped) <= limit:
        return escaped
    return _cut(text[: limit + 1], limit - len(_ELLIPSIS)) + _ELLIPSIS


def quoted(text: str, limit: int | None = None) -> str:
    r"""The printable text between plain quotes, for a message: `'a\b'`, and `"it's"`.

    Unlike `repr` it doubles no backslash: what stands between the quotes is what a person has to look for, or to write.
    """
    shown = printable(text, limit)
    mark = '"' if "'" in shown and '"' not in shown else "'"
    return f"{mark}{shown}{mark}"


def _cut(text: str, room: int) -> str:
    """As many whole escaped characters as there is room for."""
    parts: list[str] = []
    for character in text:
        part = _UNPRINTABLE.sub(_escape, character)
        room -= len(part)
        if room < 0:
            break
        parts.append(part)
    return "".join(parts)


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    code = ord(character)
    if code in _BYTE_SURROGATES:
        return f"\\x{code & 0xFF:02x}"
    if character in _SHORT:
        return _SHORT[character]
    return f"\\x{code:02x}" if character <= "\xff" else f"\\u{code:04x}"


def nearest(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate that was most likely meant, None when none is near: `settle` means `settle_seconds`."""
    names = {name.casefold(): name for name in candidates}
    folded = word.casefold()
    longer = [name for name in names if folded and name.startswith(folded)]
    close = longer[:1] if len(longer) == 1 else difflib.get_close_matches(folded, names, n=1, cutoff=0.6)
    return names[close[0]] if close else None


def nearest_file(name: str, candidates: Iterable[str]) -> str | None:
    """The file name that was most likely meant; what follows a dot, and digits at the end, tell nothing of that.

    `users_20260901.csv` means `users.csv`, but `users.csv` does not mean `students.csv`, whose end is the same.
    """
    stems = {_bare_stem(each): each for each in candidates}
    near = nearest(_bare_stem(name), stems)
    return None if near is None else stems[near]


def _bare_stem(name: str) -> str:
    stem = os.path.splitext(name)[0]
    return stem.rstrip("0123456789 _-.()") or stem


def human_size(size_bytes: int) -> str:
    """A size as people say it, in powers of 1000: `0 bytes`, `12.3 kB`, `1.1 GB`."""
    if size_bytes < 1000:  # noqa: PLR2004
        return f"{size_bytes} byte{'' if size_bytes == 1 else 's'}"
    size = float(size_bytes)
    for unit in ("kB", "MB", "GB"):
        size /= 1000
        if size < 999.95:  # noqa: PLR2004 (what rounds to 1000.0 belongs to the next unit)
            return f"{size:.1f} {unit}"
    return f"{size / 1000:.1f} TB"


def counted(number: int, noun: str) -> str:
    """`1 file`, `2 files`, `12,000 rows`; for nouns that take an s."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def some_of(names: Sequence[str], most: int) -> str:
    """`a.csv, b.csv`; `a.csv, b.csv and 12 more` where there are more names than that."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more:,} more" if more > 0 else "")
