r"""Which encoding bytes are in: declared, by a mark, by what they look like.

Names of encodings, here and in `Grammar`, are Python's; `utf-16` and `utf-32` always say their byte order.

The rules for text that is not in the encoding it should be in, for lines that hold more than ASCII:

1. Of at least 20 such lines, of a thousand in a row, at most one in fifty is UTF-8: the text is Windows-1252.
2. Of at least 20 such lines at most one in fifty is not UTF-8: the text is UTF-8. Windows-1252 text that passes for
   UTF-8 is always the same few letters (an É and the apostrophe behind it, in each row); so there must be two
   different ones, or one of those that begin with the byte C3, as the accented letters of Western Europe do.
3. ISO-8859-1 has control characters where Windows-1252 has letters (80 to 9F). Nobody writes those, so that such text
   is read as Windows-1252, and the first of these letters says that it is. Five of the bytes are no letters there
   either; they say nothing, and are faults of their rows.

One in fifty, and not none, because such letters and damaged lines exist.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

UTF8, ASCII, WINDOWS, LATIN1 = "utf-8", "us-ascii", "windows-1252", "iso-8859-1"
UTF16, UTF16_SWAPPED = "utf-16-le", "utf-16-be"
UTF8_MARK = b"\xef\xbb\xbf"

#: As people write them.
_TITLES = {
    UTF8: "UTF-8",
    ASCII: "US-ASCII",
    WINDOWS: "Windows-1252",
    LATIN1: "ISO-8859-1",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "utf-32-le": "UTF-32",
    "utf-32-be": "UTF-32",
}
#: UTF-32 first: its mark begins with that of UTF-16.
_MARKS = {
    b"\xff\xfe\0\0": "utf-32-le",
    b"\0\0\xfe\xff": "utf-32-be",
    b"\xff\xfe": "utf-16-le",
    b"\xfe\xff": "utf-16-be",
    UTF8_MARK: UTF8,
}
#: Where the NULs stand in each four bytes of ASCII letters.
_NULS = {
    "utf-16-le": (False, True, False, True),
    "utf-16-be": (True, False, True, False),
    "utf-32-le": (False, True, True, True),
    "utf-32-be": (True, True, True, False),
}
_LOOKED_AT_BYTES = 64
_ENOUGH_LINES = 20
_MOST_LINES = 1_000
_STEP_BYTES = 64 * 1024
_FEW = 50
_WESTERN = 0xC3
_SEQUENCE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
#: What begins, as UTF-8, a letter that Windows-1252 has and ISO-8859-1 lacks; all that both have begin with C2 or C3.
_OF_WINDOWS = re.compile(b"[%s]" % bytes({c.encode()[0] for c in bytes(range(0x80, 0xA0)).decode("cp1252", "ignore")}))


@dataclass(frozen=True, slots=True)
class Guess:
    """From this line on (the offset of its beginning) the text seems to be in another encoding."""

    encoding: str
    offset: int


def title(encoding: str) -> str:
    """An encoding as people write it."""
    return _TITLES[encoding]


def is_wide(encoding: str) -> bool:
    """Whether each character takes two bytes or more."""
    return encoding in _NULS


def encoding_by_mark(beginning: bytes) -> str | None:
    """The encoding of a file that begins with a byte-order mark, or with NULs as only UTF-16 and UTF-32 have them."""
    for mark, encoding in _MARKS.items():
        if beginning.startswith(mark):
            return encoding
    looked_at = beginning[: min(_LOOKED_AT_BYTES, len(beginning) // 4 * 4)]
    nuls = np.frombuffer(looked_at, dtype=np.uint8).reshape(-1, 4) == 0
    for encoding, pattern in _NULS.items():
        # Nine in ten: some letters of a header line may lie beyond ASCII.
        if len(nuls) and (nuls == pattern).mean() >= 0.9:  # noqa: PLR2004
            return encoding
    return None


def mark_of(beginning: bytes) -> bytes:
    """The byte-order mark that a file begins with; nothing if there is none."""
    return next((mark for mark in _MARKS if beginning.startswith(mark)), b"")


def other_encoding(text: bytes, encoding: str) -> Guess | None:
    """The encoding that lines seem to be in instead of the one that they are read in, by the rules above.

    `text` is as the readers meet it: that of Windows-1252 and ISO-8859-1 made UTF-8. Its last line need not be whole.
    """
    if is_wide(encoding) or text.isascii():
        return None
    lines = text[: text.rfind(b"\n") + 1] or text
    if encoding in {UTF8, ASCII}:
        return _not_utf8(lines, encoding)
    guess = _utf8_after_all(lines, encoding)
    letter = _OF_WINDOWS.search(text) if encoding == LATIN1 else None
    if letter is not None and (guess is None or letter.start() < guess.offset):
        return Guess(WINDOWS, _line_start(text, letter.start()))
    return guess


def _not_utf8(text: bytes, encoding: str) -> Guess | None:
    """Where text that should be UTF-8 or ASCII is Windows-1252, or ASCII is UTF-8."""
    if encoding == UTF8 and not has_enough_broken_lines(text):
        return None
    for sound, broken in _windows(text):
        if _prevail(broken, sound):
            return Guess(WINDOWS, broken[0])
        if encoding == ASCII and _prevail(sound, broken):
            return Guess(UTF8, sound[0])
    return None


def _utf8_after_all(text: bytes, encoding: str) -> Guess | None:
    """Where text that was read in an encoding of one byte a character is UTF-8.

    A look at a line here and there says nearly always that it is not.
    """
    if not any(is_utf8(raw_text(line, encoding)) for line in _some_lines_beyond_ascii(text)):
        return None
    raw = raw_text(text, encoding)
    for sound, broken in _windows(raw):
        if _prevail(sound, broken) and _is_likely_utf8(raw, sound):
            return Guess(UTF8, _nth_line(text, raw.count(b"\n", 0, sound[0])))
    return None


def python_name(encoding: str) -> str:
    """What Python reads it as; see the rule about ISO-8859-1."""
    return "cp1252" if encoding in {WINDOWS, LATIN1} else encoding


def raw_text(text: bytes, encoding: str) -> bytes:
    """Text of Windows-1252 or ISO-8859-1 that was made UTF-8, as it stands in the file."""
    return characters(text).encode(python_name(encoding), errors="surrogateescape")


def characters(text: bytes) -> str:
    """Transcoded text: a surrogate for what could not be decoded, no character that is cut off at its end."""
    return codecs.utf_8_decode(text, "surrogatepass", False)[0]


def _some_lines_beyond_ascii(text: bytes) -> Iterator[bytes]:
    """The first line of each step that holds more than ASCII."""
    for start in range(0, len(text), _STEP_BYTES):
        part = text[start : start + _STEP_BYTES]
        if not part.isascii():
            at = start + int(np.argmax(np.frombuffer(part, dtype=np.uint8) > 127))  # noqa: PLR2004
            yield text[_line_start(text, at) : _line_end(text, at)]


def has_enough_broken_lines(text: bytes) -> bool:
    """Whether so many lines are not UTF-8 that the text may be something else; reads no further than that."""
    start = 0
    for _ in range(_ENOUGH_LINES):
        try:
            str(memoryview(text)[start:], "utf-8")
        except UnicodeDecodeError as error:
            start = _line_end(text, start + error.start)
        else:
            return False
    return True


def _windows(raw: bytes) -> Iterator[tuple[list[int], list[int]]]:
    """Where lines with more than ASCII begin, so many at a time: those that are UTF-8, those that are not."""
    sound: list[int] = []
    broken: list[int] = []
    end = 0
    for at in np.flatnonzero(np.frombuffer(raw, dtype=np.uint8) > 127).tolist():  # noqa: PLR2004
        if at < end:
            continue
        start, end = _line_start(raw, at), _line_end(raw, at)
        (sound if is_utf8(raw[start:end]) else broken).append(start)
        if len(sound) + len(broken) == _MOST_LINES:
            yield sound, broken
            sound, broken = [], []
    yield sound, broken


def _prevail(many: list[int], few: list[int]) -> bool:
    return len(many) >= _ENOUGH_LINES and len(few) * _FEW <= len(many)


def _is_likely_utf8(raw: bytes, starts: list[int]) -> bool:
    """Whether these lines hold letters that Windows-1252 text would hardly make by chance."""
    found = {sequence for start in starts for sequence in _SEQUENCE.findall(raw[start : _line_end(raw, start)])}
    return len(found) > 1 or any(sequence[0] == _WESTERN for sequence in found)


def _nth_line(text: bytes, index: int) -> int:
    """Where the line of this index, from 0, begins."""
    at = 0
    for _ in range(index):
        at = text.find(b"\n", at) + 1
    return at


def _line_start(raw: bytes, at: int) -> int:
    return raw.rfind(b"\n", 0, at) + 1


def _line_end(raw: bytes, at: int) -> int:
    found = raw.find(b"\n", at)
    return len(raw) if found < 0 else found + 1


def is_utf8(raw: bytes) -> bool:
    """Whether it is whole UTF-8 text."""
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True
