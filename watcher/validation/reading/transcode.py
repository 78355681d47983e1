r"""A file in any encoding, read as if it were UTF-8 with LF, by offsets into that text.

What can't be decoded (a byte that Windows-1252 does not have, half a surrogate pair, an odd byte at the end) becomes
bytes that are not UTF-8 either, so that whoever reads the text finds the fault where it stands: never a silent
replacement.

The file is decoded in pieces of a fixed size. Where each begins, in the file and in the text, is remembered (16 bytes
for each MiB), and the last few of them are kept; so any offset can be read again, and memory stays bounded.
"""

from __future__ import annotations

import codecs
from bisect import bisect_right
from collections import OrderedDict
from typing import Protocol

from watcher.validation.reading.encodings import ASCII, UTF8, characters, is_wide, python_name
from watcher.validation.reading.records import Grammar
from watcher.validation.reading.source import Source

PIECE_BYTES = 1024 * 1024
#: Enough for a block and the longest record behind it, in text of three bytes a character.
_KEPT_PIECES = 12


class Text(Protocol):
    """Bytes of UTF-8, by offset."""

    def read(self, offset: int, length: int) -> bytes:
        """The bytes at this offset; fewer than asked for only at the end. Raises OSError."""
        ...

    def raw_at(self, offset: int) -> int:
        """The offset in the file of what stands at this offset of the text. Raises OSError."""
        ...


def text_of(source: Source, grammar: Grammar, *, offset: int = 0, raw: int = 0) -> Text:
    """The text of a file: from its beginning, or from a place in the file that has this offset in the text."""
    if grammar.encoding in {UTF8, ASCII} and not grammar.old_line_ends and offset == raw:
        return source
    return Transcoded(source, grammar.encoding, offset=offset, raw=raw, old_line_ends=grammar.old_line_ends)


class Transcoded:
    """A file as UTF-8 text, decoded on the way; see the module."""

    def __init__(
        self, source: Source, encoding: str, *, offset: int = 0, raw: int = 0, old_line_ends: bool = False
    ) -> None:
        self._source, self._encoding, self._old_line_ends = source, encoding, old_line_ends
        #: where each piece begins, and where the next one will: in the text, in the file
        self._starts, self._raw_starts = [offset], [raw]
        self._kept: OrderedDict[int, bytes] = OrderedDict()
        self._is_done = False

    def read(self, offset: int, length: int) -> bytes:
        """The text at this offset; see `Text`."""
        parts: list[bytes] = []
        index = self._piece_at(offset)
        while length > 0 and index is not None:
            start = offset - self._starts[index]
            part = self._piece(index)[start : start + length]
            parts.append(part)
            offset, length = offset + len(part), length - len(part)
            index = self._piece_at(offset) if length else None
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def raw_at(self, offset: int) -> int:
        """The offset in the file; see `Text`."""
        index = self._piece_at(offset)
        if index is None:
            return self._raw_starts[-1]
        before = self._piece(index)[: offset - self._starts[index]]
        return self._raw_starts[index] + self._raw_length(before)

    def _piece_at(self, offset: int) -> int | None:
        """The piece that holds this offset; None behind the end."""
        while offset >= self._starts[-1] and not self._is_done:
            self._decode_next()
        index = bisect_right(self._starts, offset) - 1
        return index if index < len(self._starts) - 1 else None

    def _decode_next(self) -> None:
        raw_start = self._raw_starts[-1]
        raw = self._source.read(raw_start, PIECE_BYTES)
        if not raw:
            self._is_done = True
            return
        raw = self._whole_characters(raw, raw_start)
        self._raw_starts.append(raw_start + len(raw))
        text = self._keep(len(self._starts) - 1, raw)
        self._starts.append(self._starts[-1] + len(text))

    def _whole_characters(self, raw: bytes, start: int) -> bytes:
        """The bytes up to the last whole character, if the file goes on behind them."""
        if not is_wide(self._encoding) or len(raw) < PIECE_BYTES:
            return raw
        high = raw[-1] if self._encoding == "utf-16-le" else raw[-2] if self._encoding == "utf-16-be" else 0
        is_half = 0xD8 <= high <= 0xDB  # noqa: PLR2004 (the first half of a surrogate pair)
        return raw + self._source.read(start + len(raw), 2) if is_half else raw

    def _piece(self, index: int) -> bytes:
        if index in self._kept:
            self._kept.move_to_end(index)
            return self._kept[index]
        start, end = self._raw_starts[index : index + 2]
        return self._keep(index, self._source.read(start, end - start))

    def _keep(self, index: int, raw: bytes) -> bytes:
        text = self._kept[index] = self._as_utf8(raw)
        if len(self._kept) > _KEPT_PIECES:
            self._kept.popitem(last=False)
        return text

    def _as_utf8(self, raw: bytes) -> bytes:
        if self._encoding not in {UTF8, ASCII} and (is_wide(self._encoding) or not raw.isascii()):
            raw = raw.decode(python_name(self._encoding), errors=_UNREADABLE).encode(errors="surrogatepass")
        return raw.replace(b"\r", b"\n") if self._old_line_ends else raw

    def _raw_length(self, text: bytes) -> int:
        """How many bytes of the file became this text."""
        if self._encoding in {UTF8, ASCII}:
            return len(text)
        decoded = characters(text)
        if is_wide(self._encoding):
            return len(decoded.encode(self._encoding, errors="surrogatepass"))
        return len(decoded)


_UNREADABLE = "epoch-watcher-unreadable"


def _as_surrogates(error: UnicodeError) -> tuple[str, int]:
    """What can't be decoded, as lone surrogates: one for each byte of a narrow encoding, one for all of a wide one."""
    assert isinstance(error, UnicodeDecodeError)  # noqa: S101 (the handler is only given to `decode`)
    broken = error.object[error.start : error.end]
    return "".join(chr(0xDC00 + byte) for byte in broken[:1]), error.end


codecs.register_error(_UNREADABLE, _as_surrogates)
