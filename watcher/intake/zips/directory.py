"""The directory of a zip, member by member: what it states, before anything of it is believed.

Read in pieces and only as far as the limit on members goes, so that a directory of gigabytes costs no memory.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from watcher.intake.zips.ending import Ending
from watcher.intake.zips.refusal import RefusedError
from watcher.text import counted

ENTRY_SIGNATURE = b"PK\x01\x02"
#: signature, made by, needed, flags, method, time, date, crc, packed, size, bytes of name, extra and comment,
#: disk, inner attributes, outer attributes, offset of the local header
_ENTRY = struct.Struct("<4s6H3L5H2L")
LARGE_EXTRA = 0x0001
_IN_EXTRA_16, _IN_EXTRA_32 = 0xFFFF, 0xFFFFFFFF
#: Of a name, the rest need not be kept: it is refused for its length.
KEPT_NAME_BYTES = 1024
_BUFFER_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Member:
    """One entry of the directory as it is stated there. Sizes are in bytes.

    `needed` is the version of the format that a reader must know, times ten; `mode` the kind and the permissions of the
    file where the zip was made (`st_mode`), 0 where it says nothing.
    """

    raw_name: bytes
    needed: int
    flags: int
    method: int
    crc: int
    packed_bytes: int
    size_bytes: int
    header_offset: int
    mode: int


def read_directory(fd: int, ending: Ending, max_members: int) -> tuple[Member, ...]:
    """All members. Raises RefusedError if there are too many of them or the directory is damaged, OSError."""
    if ending.members > max_members:
        raise _too_many(f"{ending.members:,}", max_members)
    members: list[Member] = []
    for member in _entries(fd, ending.directory_offset, ending.directory_bytes):
        if len(members) == max_members:
            raise _too_many(f"more than {max_members:,}", max_members)
        members.append(member)
    # without the form for large archives, the stated number wraps
    stated = ending.members if ending.is_large else ending.members % 0x10000
    if stated != (len(members) if ending.is_large else len(members) % 0x10000):
        here = counted(len(members), "member")
        message = f"the archive says that it has {ending.members:,} members, and its directory has {here}"
        raise RefusedError("zip-damaged", message)
    return tuple(members)


def _too_many(found: str, max_members: int) -> RefusedError:
    return RefusedError("zip-too-many-members", f"the archive has {found} members, expected at most {max_members:,}")


def _entries(fd: int, offset: int, directory_bytes: int) -> Iterator[Member]:
    with open(os.dup(fd), "rb", buffering=_BUFFER_BYTES) as stream:
        stream.seek(offset)
        end = offset + directory_bytes
        while stream.tell() < end:
            fields = _ENTRY.unpack(_taken(stream, _ENTRY.size))
            if fields[0] != ENTRY_SIGNATURE:
                raise _damaged()
            name = _taken(stream, fields[10])
            extra = _taken(stream, fields[11])
            stream.seek(fields[12], os.SEEK_CUR)
            if stream.tell() > end:
                raise _damaged()
            yield _member(fields, name, extra)


def _taken(stream: IO[bytes], length: int) -> bytes:
    data = stream.read(length)
    if len(data) != length:
        raise _damaged()
    return data


def _member(fields: tuple[int, ...], name: bytes, extra: bytes) -> Member:
    packed_bytes, size_bytes, header_offset, disk = fields[8], fields[9], fields[16], fields[13]
    large = _large_numbers(extra)
    if size_bytes == _IN_EXTRA_32:
        size_bytes = next(large, size_bytes)
    if packed_bytes == _IN_EXTRA_32:
        packed_bytes = next(large, packed_bytes)
    if header_offset == _IN_EXTRA_32:
        header_offset = next(large, header_offset)
    if disk not in (0, _IN_EXTRA_16):
        raise RefusedError("zip-unsupported", "the archive is split into parts, expected one whole archive")
    return Member(
        raw_name=name[:KEPT_NAME_BYTES],
        needed=fields[2] & 0xFF,  # the other byte is the system's
        flags=fields[3],
        method=fields[4],
        crc=fields[7],
        packed_bytes=packed_bytes,
        size_bytes=size_bytes,
        header_offset=header_offset,
        mode=fields[15] >> 16,
    )


def _large_numbers(extra: bytes) -> Iterator[int]:
    """The numbers that did not fit into the entry, in its order."""
    content = extra_field(extra, LARGE_EXTRA)
    for at in range(0, len(content) - 7, 8):
        yield int.from_bytes(content[at : at + 8], "little")


def extra_field(extra: bytes, wanted: int) -> bytes:
    """The content of one extra field; empty where there is none, or what comes before it is damaged."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        if kind == wanted:
            return extra[at + 4 : at + 4 + length]
        at += 4 + length
    return b""


def _damaged() -> RefusedError:
    return RefusedError(
        "zip-damaged", "the directory at the end of the archive is damaged, expected an entry for each member"
    )
