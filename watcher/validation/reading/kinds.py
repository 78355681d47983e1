"""What a file is that is no CSV at all, by its first bytes, however it is called.

What has bytes of its own at the beginning, as archives and workbooks do, is told from any CSV. Web pages, JSON and the
like are text, so they are told only by what no header line and no first row begins with.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

#: So many bytes of a file tell what it is.
BEGINNING_BYTES = 512
_UTF8_MARK = b"\xef\xbb\xbf"
_EXPORT = "export the data as CSV, without compressing it"
_UNPACK = "send the CSV files themselves, or a zip archive of them"
_LOOK = "open the file in a text editor: it may be a log-in or error page, or a workbook saved as a page; export CSV"


@dataclass(frozen=True, slots=True)
class Kind:
    """`noun` completes "the file is ..."; `advice` says what to do."""

    noun: str
    advice: str


_BY_MAGIC = {
    b"PK\x03\x04": Kind("a zip archive or an Excel workbook", _EXPORT),
    b"\xd0\xcf\x11\xe0": Kind("an old Excel workbook", _EXPORT),
    b"\x1f\x8b\x08": Kind("compressed with gzip", _EXPORT),
    b"%PDF-": Kind("a PDF document", _EXPORT),
    b"7z\xbc\xaf\x27\x1c": Kind("a 7z archive", _UNPACK),
    b"Rar!\x1a\x07": Kind("a RAR archive", _UNPACK),
    b"\xfd7zXZ\0": Kind("compressed with xz", _EXPORT),
    b"\x28\xb5\x2f\xfd": Kind("compressed with zstd", _EXPORT),
    b"{\\rtf": Kind("a Rich Text document", _EXPORT),
    b"-----BEGIN PGP MESSAGE": Kind("encrypted with PGP", "send it without encrypting it; the transfer is encrypted"),
}
#: A comment in front is what browsers put there when they save a page.
_PAGE = re.compile(rb"(?i)<(?:!--|!doctype html\b|(?:html|head|body|table|style|meta)(?:\s*>|\s+[a-z:-]+\s*=))")
_BY_TEXT = (
    (_PAGE, Kind("a web page", _LOOK)),
    (re.compile(rb"<\?xml\s"), Kind("an XML document", _EXPORT)),
    (re.compile(rb'(?:\[\s*)?\{\s*"(?:[^"\\]|\\.)*"\s*:'), Kind("JSON", _EXPORT)),
)
_NULS = Kind("filled with NUL bytes", "send the file again; it was damaged on its way or on the disk")


def other_kind(beginning: bytes) -> Kind | None:
    """What a file is that begins so and is no CSV; None for one that may be."""
    for magic, kind in _BY_MAGIC.items():
        if beginning.startswith(magic):
            return kind
    if len(beginning) == BEGINNING_BYTES and not beginning.strip(b"\0"):
        return _NULS
    text = beginning.removeprefix(_UTF8_MARK).lstrip()
    return next((kind for pattern, kind in _BY_TEXT if pattern.match(text)), None)
