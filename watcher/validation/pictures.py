"""Judges the pictures of a drop: each is one file with one finding at most, the first of these.

1. Its name has the form that the schema asks for (`picture-name`).
2. It has neither too many nor too few bytes (`picture-size`).
3. Its content is of the format (`picture-format`), whatever the name says.
4. It has no more pixels than allowed (`picture-pixels`): told by its header, before memory is taken for a pixel.
5. It is whole, and can be decoded (`picture-damaged`).
6. Nothing follows its end (`picture-trailing-data`, a warning): viewers skip that, and so it may be anything.

Decoding needs Pillow, of the extra `photos`. It gets the picture without the notes in it (EXIF and the like), so that
only the decoder itself, libjpeg, ever sees a stranger's bytes. A flipped bit that libjpeg makes up for is not told.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import lru_cache

from watcher.model.findings import Occurrence, Severity
from watcher.schema.model import Picture
from watcher.text import counted, human_size, printable
from watcher.validation.cells.matching import Matcher
from watcher.validation.findings.occurrences import occurrence
from watcher.validation.jpegwalk import MalformedError, Outline, follows, outline
from watcher.validation.reading.source import Source

#: The first bytes of what is sent for a picture, and what it is called.
_BEGINNINGS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "PNG picture"),
    (b"GIF8", "GIF picture"),
    (b"BM", "BMP picture"),
    (b"II*\0", "TIFF picture"),
    (b"MM\0*", "TIFF picture"),
    (b"%PDF", "PDF document"),
    (b"PK\x03\x04", "zip archive"),
    (b"\0\0\1\0", "icon"),
)
_HEIC = frozenset({b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"heim", b"heis"})
_NAMES = {"jpeg": "JPEG"}
#: Pictures that show more and more while they load have ten scans or so; a decoder goes over all pixels for each.
_MOST_SCANS = 100


@dataclass(frozen=True, slots=True)
class _Flaw:
    """What is wrong with a picture. `advice` None: that of the code."""

    code: str
    message: str
    advice: str | None = None
    severity: Severity = Severity.ERROR


def judged_picture(source: Source, name: str, shown: str, picture: Picture) -> Occurrence | None:
    """What is wrong with a picture; None for nothing. May run in several threads. Raises OSError.

    Args:
        source: the open file.
        name: its name on disk.
        shown: the same, printable, for the finding.
        picture: what it should be.
    """
    flaw = _flaw(source, name, picture)
    if flaw is None:
        return None
    return occurrence(flaw.code, flaw.message, severity=flaw.severity, file=shown, advice=flaw.advice)


def _flaw(source: Source, name: str, picture: Picture) -> _Flaw | None:
    flaw = _of_name(name, picture) or _of_size(source.size_bytes, picture)
    if flaw is not None:
        return flaw
    data = source.read(0, picture.max_bytes + 1)
    if len(data) > picture.max_bytes:  # it grew since it was opened
        return _of_size(len(data), picture)
    return _of_format(data, picture) or _of_content(data, picture)


def _of_name(name: str, picture: Picture) -> _Flaw | None:
    if picture.name is None or _matcher(picture.name).found(name):
        return None
    form = printable(picture.name, 120)
    return _Flaw("picture-name", f"the name is not of the expected form, pattern '{form}'")


@lru_cache(maxsize=64)
def _matcher(pattern: str) -> Matcher:
    return Matcher(pattern)


def _of_size(size_bytes: int, picture: Picture) -> _Flaw | None:
    size = human_size(size_bytes)
    if size_bytes > picture.max_bytes:
        most = human_size(picture.max_bytes)
        advice = f"save the picture smaller, with at most {most}"
        return _Flaw("picture-size", f"the picture has {size}, expected at most {most}", advice)
    if size_bytes < max(picture.min_bytes, 1):
        least = human_size(max(picture.min_bytes, 1))
        return _Flaw("picture-size", f"the picture has {size}, expected at least {least}", "export the picture again")
    return None


def _of_format(data: bytes, picture: Picture) -> _Flaw | None:
    found = _format(data)
    if found in picture.formats:
        return None
    expected = " or ".join(_NAMES[each] for each in picture.formats)
    is_what = f"a {_NAMES[found]} picture" if found in _NAMES else _with_article(found)
    return _Flaw("picture-format", f"it is {is_what}, expected {expected}", f"export the picture as {expected}")


def _format(data: bytes) -> str:
    """`jpeg`, or what else it is by its first bytes."""
    if data[4:8] == b"ftyp":
        return "HEIC picture" if data[8:12] in _HEIC else "film or a picture of another kind"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WebP picture"
    return next((kind for beginning, kind in _BEGINNINGS if data.startswith(beginning)), "")


def _with_article(kind: str) -> str:
    if not kind:
        return "no picture of a known kind"
    return f"an {kind}" if kind == "icon" else f"a {kind}"


def _of_content(data: bytes, picture: Picture) -> _Flaw | None:
    try:
        found = outline(data)
    except MalformedError as error:
        return _Flaw("picture-damaged", f"the picture {error}, expected one that can be shown")
    if found.width * found.height > picture.max_pixels:
        most = f"{picture.max_pixels:,}"
        size = f"{found.width:,} by {found.height:,} pixels"
        advice = f"save the picture smaller, with at most {most} pixels"
        return _Flaw("picture-pixels", f"the picture has {size}, expected at most {most} in all", advice)
    if found.end is None:
        return _Flaw("picture-damaged", "the picture is cut off before its end, expected all of it")
    if found.scans > _MOST_SCANS:
        parts = f"{found.scans:,} scans, expected at most {_MOST_SCANS}"
        return _Flaw("picture-damaged", f"the picture is stored in {parts}", "save the picture again, as a plain JPEG")
    if not _can_be_decoded(found):
        return _Flaw("picture-damaged", "the picture cannot be decoded, expected one that can be shown")
    return _of_rest(follows(data, found.end))


def _of_rest(more: int) -> _Flaw | None:
    if not more:
        return None
    message = f"{counted(more, 'byte')} that are no part of the picture follow its end, expected nothing there"
    return _Flaw("picture-trailing-data", message, severity=Severity.WARNING)


def _can_be_decoded(found: Outline) -> bool:
    """Whether libjpeg gets through to the end. Its result, an eighth as wide and high, is thrown away."""
    from PIL.JpegImagePlugin import JpegImageFile  # noqa: PLC0415 (an extra; and a second to import)

    try:
        with JpegImageFile(io.BytesIO(found.plain)) as image:
            if image.size != (found.width, found.height):
                return False
            # libjpeg reads all of the coded pixels all the same, in a sixtieth of the memory
            image.draft("L", (max(found.width // 8, 1), max(found.height // 8, 1)))
            image.load()
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 (Pillow raises whatever a damaged picture makes of it)
        return False
    return True
