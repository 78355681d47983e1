"""Where in a zip each member lies: its own header held against the directory, and no byte in two members.

A bomb lets thousands of directory entries share one stretch of data; a file made for two readers says one thing in the
directory and another before the data. In a sound zip members stand one after the other and say the same twice.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable
from dataclasses import dataclass

from watcher.intake.zips.directory import KEPT_NAME_BYTES, LARGE_EXTRA, Member, extra_field
from watcher.intake.zips.refusal import RefusedError, read_exactly

_HEADER_SIGNATURE = b"PK\x03\x04"
_DESCRIPTOR_SIGNATURE = b"PK\x07\x08"
#: signature, needed, flags, method, time, date, crc, packed, size, bytes of name and extra
_HEADER = struct.Struct("<4s5H3L2H")
_IN_EXTRA = 0xFFFFFFFF
#: The sizes and the checksum stand behind the data, because the writer could not go back.
HAS_DESCRIPTOR = 1 << 3
_MOST_DESCRIPTOR_BYTES = 24


@dataclass(frozen=True, slots=True)
class Placed:
    """A member, and the offsets of its local header, of its data, and of what comes behind it."""

    member: Member
    start: int
    data: int
    end: int


@dataclass(frozen=True, slots=True)
class Loose:
    """Bytes that belong to no member, before the first one and elsewhere."""

    before: int
    between: int


def place(fd: int, member: Member, directory_offset: int) -> Placed:
    """Where the member lies. Raises RefusedError where its header is not there or says something else, OSError."""
    start = member.header_offset
    if start + _HEADER.size > directory_offset:
        raise _disagree()
    signature, _, flags, method, _, _, crc, packed, size, name_bytes, extra_bytes = _HEADER.unpack(
        read_exactly(fd, _HEADER.size, start)
    )
    if signature != _HEADER_SIGNATURE:
        raise _disagree()
    rest = read_exactly(fd, name_bytes + extra_bytes, start + _HEADER.size)
    name, extra = rest[:name_bytes], rest[name_bytes:]
    packed, size = _large(extra, packed, size)
    data = start + _HEADER.size + len(rest)
    end = data + member.packed_bytes
    if name[:KEPT_NAME_BYTES] != member.raw_name or method != member.method:
        raise _disagree()
    if end > directory_offset:
        raise RefusedError("zip-damaged", "members of the archive reach into its directory, expected them before it")
    stated = (member.crc, member.packed_bytes, member.size_bytes)
    descriptor = _descriptor_bytes(fd, end, directory_offset, stated) if flags & HAS_DESCRIPTOR else 0
    # one that writes as it goes may leave each number out that it did not know yet
    if not descriptor and (crc, packed, size) != stated:
        raise _disagree()
    if any(found not in (0, known) for found, known in zip((crc, packed, size), stated, strict=True)):
        raise _disagree()
    return Placed(member, start, data, end + descriptor)


def loose_bytes(placed: Iterable[Placed], directory_offset: int) -> Loose:
    """What lies between the members. Raises RefusedError where two of them share a byte."""
    before, between, reached = -1, 0, 0
    for each in sorted(placed, key=lambda each: (each.start, each.end)):
        if each.start < reached:
            raise RefusedError(
                "zip-overlap", "members of the archive share the same bytes, expected one after the other"
            )
        if before < 0:
            before = each.start
        else:
            between += each.start - reached
        reached = each.end
    return Loose(max(before, 0), between + directory_offset - reached if before >= 0 else 0)


def _large(extra: bytes, packed: int, size: int) -> tuple[int, int]:
    """The sizes of a local header, from its extra field where they did not fit; that has both, size first."""
    content = extra_field(extra, LARGE_EXTRA)
    numbers = [int.from_bytes(content[at : at + 8], "little") for at in range(0, len(content) - 7, 8)]
    if size == _IN_EXTRA and numbers:
        size = numbers.pop(0)
    if packed == _IN_EXTRA and numbers:
        packed = numbers.pop(0)
    return packed, size


def _descriptor_bytes(fd: int, at: int, limit: int, stated: tuple[int, int, int]) -> int:
    """The length of the data descriptor at this offset; 0 if none that says what the directory says is there.

    It has numbers of four or of eight bytes, and may begin with a signature: which, is said nowhere.
    """
    found = os.pread(fd, min(_MOST_DESCRIPTOR_BYTES, limit - at), at)
    for form in ("<LQQ", "<LLL"):
        try:
            plain = struct.pack(form, *stated)
        except struct.error:  # a size beyond four bytes
            continue
        for descriptor in (_DESCRIPTOR_SIGNATURE + plain, plain):
            if found.startswith(descriptor):
                return len(descriptor)
    return 0


def _disagree() -> RefusedError:
    return RefusedError(
        "zip-headers-disagree",
        "what the archive says of a member in its directory and before its data is not the same",
    )
