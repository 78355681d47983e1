"""What a file is that is called .zip and is none, told by its first bytes."""

from __future__ import annotations

import os

_FIRST_BYTES = 512
_BEGINNINGS = (
    (b"\x1f\x8b", "a gzip file"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"BZh", "a bzip2 file"),
    (b"\xfd7zXZ\x00", "an xz file"),
    (b"\x28\xb5\x2f\xfd", "a zstd file"),
    (b"MSCF", "a cabinet file"),
    (b"%PDF", "a PDF document"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xd0\xcf\x11\xe0", "an old Office document"),
    (b"-----BEGIN PGP", "a PGP message"),
)
_MARKUP = ((b"<!doctype html", "a web page"), (b"<html", "a web page"), (b"<?xml", "an XML document"))
_TAR_AT = 257
#: What text is made of in any encoding that is written in bytes.
_TEXT = bytes({*b"\t\r\n\f", *range(0x20, 0x100)})
_ZIP_BEGINNINGS = (b"PK\x03\x04", b"PK\x07\x08", b"PK00PK")


def begins_like_a_zip(fd: int) -> bool:
    """Whether the first bytes are those of a zip, whole or split. Raises OSError."""
    return os.pread(fd, _FIRST_BYTES, 0).startswith(_ZIP_BEGINNINGS)


def looks_like(fd: int) -> str:
    """What it seems to be, with its article: `a gzip file`, `an empty file`. Raises OSError."""
    first = os.pread(fd, _FIRST_BYTES, 0)
    if not first:
        return "an empty file"
    if not first.strip(b"\0"):
        return "a file of zeros"
    for beginning, kind in _BEGINNINGS:
        if first.startswith(beginning):
            return kind
    if first[_TAR_AT:].startswith(b"ustar"):
        return "a tar archive"
    start = first.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for beginning, kind in _MARKUP:
        if start.startswith(beginning):
            return kind
    return "plain text" if _is_text(first) else "something else"


def _is_text(first: bytes) -> bool:
    return not first.translate(None, _TEXT)
