"""Where a zip ends: the record by which its directory is found, in the old form or that for large archives.

A zip is read from its end. While it is still being uploaded the end is not there, so nothing in it can be trusted.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass

from watcher.intake.zips.refusal import RefusedError, read_exactly

_SIGNATURE = b"PK\x05\x06"
_LOCATOR_SIGNATURE = b"PK\x06\x07"
_LARGE_SIGNATURE = b"PK\x06\x06"
#: signature, this disk, disk of the directory, entries here, entries, bytes and offset of the directory, comment length
_RECORD = struct.Struct("<4s4H2LH")
#: signature, disk, offset of the large record, disks
_LOCATOR = struct.Struct("<4sLQL")
#: signature, bytes that follow, two versions, two disks, entries here, entries, bytes and offset of the directory
_LARGE = struct.Struct("<4sQ2H2L4Q")
_MOST_COMMENT_BYTES = 0xFFFF
_TAIL_BYTES = _RECORD.size + _MOST_COMMENT_BYTES
_IN_LARGE_16, _IN_LARGE_32 = 0xFFFF, 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Ending:
    """What the end of a zip says of its directory.

    `record_offset` is where the end begins: the directory must lie before it. `end_offset` is where it ends, comment
    included. `members` is what is stated there; without the large form it wraps at 65,536.
    """

    directory_offset: int
    directory_bytes: int
    members: int
    record_offset: int
    end_offset: int
    is_large: bool = False
    is_split: bool = False


def has_end_record(fd: int) -> bool:
    """Whether the file ends as a whole zip does; reads at most 64 KiB from its end. Raises OSError.

    False for a zip that is still being uploaded, and for what is no zip at all. True promises nothing but the end.
    """
    return _find_record(fd) is not None


def read_ending(fd: int) -> Ending | None:
    """The end of a zip, in the form for large archives wherever there is one; None without any end.

    Raises OSError; RefusedError where the two forms say two things, or the file shrinks meanwhile.
    """
    found = _find_record(fd)
    if found is None:
        return None
    record_offset, record = found
    _, disk, directory_disk, here, members, directory_bytes, directory_offset, comment_bytes = record
    end_offset = record_offset + _RECORD.size + comment_bytes
    if (large := _read_large(fd, record_offset, end_offset)) is not None:
        if not (
            members in (large.members, _IN_LARGE_16)
            and directory_bytes in (large.directory_bytes, _IN_LARGE_32)
            and directory_offset in (large.directory_offset, _IN_LARGE_32)
        ):
            raise RefusedError("zip-headers-disagree", "the archive has two ends, and they say two different things")
        return large
    is_split = (disk, directory_disk) != (0, 0) or here != members
    return Ending(directory_offset, directory_bytes, members, record_offset, end_offset, is_split=is_split)


def _find_record(fd: int) -> tuple[int, tuple[bytes, int, int, int, int, int, int, int]] | None:
    """The offset of the end record with its fields: the last one whose comment ends with the file, else within it.

    A comment may hold what looks like an end record itself.
    """
    size_bytes = os.fstat(fd).st_size
    start = max(size_bytes - _TAIL_BYTES, 0)
    tail = os.pread(fd, _TAIL_BYTES, start)
    found = None
    at = len(tail)
    while (at := tail.rfind(_SIGNATURE, 0, at)) >= 0:
        if at + _RECORD.size > len(tail):
            continue
        record = _RECORD.unpack_from(tail, at)
        left = len(tail) - at - _RECORD.size - record[-1]
        if left == 0:
            return start + at, record
        if left > 0 and found is None:
            found = start + at, record
    return found


def _read_large(fd: int, record_offset: int, end_offset: int) -> Ending | None:
    """What the record for large archives says; None without one. Some programs write it for small ones too."""
    locator_offset = record_offset - _LOCATOR.size
    if locator_offset < 0:
        return None
    signature, disk, offset, disks = _LOCATOR.unpack(read_exactly(fd, _LOCATOR.size, locator_offset))
    if signature != _LOCATOR_SIGNATURE or offset > locator_offset - _LARGE.size:
        return None
    fields = _LARGE.unpack(read_exactly(fd, _LARGE.size, offset))
    signature, following, _, _, this_disk, directory_disk, here, members, directory_bytes, directory_offset = fields
    if signature != _LARGE_SIGNATURE or offset + 12 + following != locator_offset:
        return None
    is_split = (disk, this_disk, directory_disk) != (0, 0, 0) or disks > 1 or here != members
    return Ending(directory_offset, directory_bytes, members, offset, end_offset, is_large=True, is_split=is_split)
