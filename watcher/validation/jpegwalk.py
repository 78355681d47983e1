"""Walks over the markers of a JPEG picture, without decoding it.

This tells what a decoder tells too late, or not at all: the size in pixels before any memory is taken for them, how
often the decoder will go over all of them (a picture of thousands of scans takes it minutes), whether the picture ends,
and what follows its end. ITU-T T.81, annex B.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_SOI, _EOI, _SOS, _TEM, _ADOBE = 0xD8, 0xD9, 0xDA, 0x01, 0xEE
#: Notes of cameras and programs: no decoder needs them, but for Adobe's, which tells the meaning of the colours.
_NOTES = frozenset({*range(0xE0, 0xF0), 0xFE} - {_ADOBE})
#: Frames, which hold the size; between their numbers stand tables.
_FRAMES = frozenset(set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC})
#: A marker: within coded pixels 0xff is followed by a zero or a restart. More of 0xff may stand before it; to take them
#: in here would try a run of them again from each of its bytes.
_MARKER = re.compile(rb"\xff([^\x00\xd0-\xd7\xff])", re.DOTALL)
#: Real pictures have some dozens; each costs a step here.
_MOST_SEGMENTS = 5_000
#: Behind the end some cameras fill up a block.
_FILLING = b"\x00\xff\r\n\t "


class MalformedError(Exception):
    """The bytes are no JPEG; the text completes "the picture ..."."""


@dataclass(frozen=True, slots=True)
class Outline:
    """What the markers tell. `end` is the offset behind the picture, None where it is cut off before its end.

    `plain` are the bytes that a decoder needs: the picture without the notes in it and without what follows it.
    """

    width: int
    height: int
    scans: int
    end: int | None
    plain: bytes


@dataclass(frozen=True, slots=True)
class _Segment:
    """A marker at offset `at` and what belongs to it; coded pixels follow behind `stop` where it begins a scan."""

    marker: int
    at: int
    stop: int


def outline(data: bytes) -> Outline:
    """The outline of a picture that begins as a JPEG does. Raises MalformedError."""
    size: tuple[int, int] | None = None
    scans, kept = 0, [data[:2]]
    for segment in _segments(data):
        if segment.marker in _FRAMES:
            if size is not None:
                raise MalformedError("says its size twice")
            size = _size(data, segment)
        if segment.marker == _SOS:
            scans += 1
        if segment.marker not in _NOTES:
            kept.append(data[segment.at : segment.stop])
        if segment.marker == _EOI:
            break
    else:
        return Outline(*(size or (0, 0)), scans, None, b"")
    if size is None or not scans:
        raise MalformedError("has no pixels in it")
    return Outline(*size, scans, segment.stop, b"".join(kept))


def follows(data: bytes, end: int) -> int:
    """How many bytes follow the end of a picture; 0 if they only fill up a block."""
    rest = data[end:]
    return len(rest) if rest.strip(_FILLING) else 0


def _segments(data: bytes) -> Iterator[_Segment]:
    """Each segment with the coded pixels behind it, up to the end of the picture or of the data."""
    found = _MARKER.search(data, 2)
    count = 0
    while found is not None:
        marker, start = found[1][0], found.end()
        count += 1
        if count > _MOST_SEGMENTS:
            raise MalformedError(f"has more than {_MOST_SEGMENTS:,} parts")
        stop = start if marker in (_SOI, _EOI, _TEM) else _stop(data, start)
        if stop is None:
            return
        found = None if marker == _EOI else _MARKER.search(data, stop)
        end = len(data) if found is None and marker != _EOI else stop if found is None else found.start()
        yield _Segment(marker, start - 2, end)


def _stop(data: bytes, start: int) -> int | None:
    """Where a segment ends whose length stands at an offset; None where the data end before."""
    length = int.from_bytes(data[start : start + 2], "big")
    if start + 2 > len(data) or start + length > len(data):
        return None
    if length < 2:  # noqa: PLR2004 (it counts itself)
        raise MalformedError("has a part without a length")
    return start + length


def _size(data: bytes, frame: _Segment) -> tuple[int, int]:
    """Width and height in pixels."""
    numbers = data[frame.at + 5 : frame.at + 9]
    if frame.stop < frame.at + 9:
        raise MalformedError("has no size")
    height, width = int.from_bytes(numbers[:2], "big"), int.from_bytes(numbers[2:], "big")
    if not height or not width:
        raise MalformedError("is of no size")
    return width, height
