"""The content of one member, unpacked in pieces: never more than its directory stated, whatever the data say."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator

from watcher.intake.zips.places import Placed
from watcher.intake.zips.refusal import RefusedError, read_exactly

STORED, DEFLATED = 0, 8
_READ_BYTES = 64 * 1024
#: The most that is held unpacked: sixteen times what was read for it; a bomb would make it a thousand.
_PIECE_BYTES = 1024 * 1024
_RAW = -zlib.MAX_WBITS


def pieces(fd: int, placed: Placed) -> Iterator[bytes]:
    """The member's content, a megabyte or less at a time.

    Raises RefusedError where it is not what the directory states (size, checksum), as soon as that shows; OSError.
    """
    member = placed.member
    inflated = _inflated(fd, placed) if member.method == DEFLATED else _packed(fd, placed)
    crc = size_bytes = 0
    for piece in inflated:
        size_bytes += len(piece)
        if size_bytes > member.size_bytes:
            raise _bad("it is larger than the archive says")
        crc = zlib.crc32(piece, crc)
        yield piece
    if size_bytes != member.size_bytes:
        raise _bad("it is smaller than the archive says")
    if crc != member.crc:
        raise _bad("its checksum is another one")


def _packed(fd: int, placed: Placed) -> Iterator[bytes]:
    end = placed.data + placed.member.packed_bytes
    for at in range(placed.data, end, _READ_BYTES):
        yield read_exactly(fd, min(_READ_BYTES, end - at), at)


def _inflated(fd: int, placed: Placed) -> Iterator[bytes]:
    inflating = zlib.decompressobj(_RAW)
    try:
        for packed in _packed(fd, placed):
            left = packed
            while left or not inflating.eof:
                piece = inflating.decompress(left, _PIECE_BYTES)
                left = inflating.unconsumed_tail
                if piece:
                    yield piece
                elif not left:
                    break
            if inflating.unused_data:
                raise _bad("bytes follow its end")
    except zlib.error:
        raise _bad("it can't be unpacked") from None
    if not inflating.eof:
        raise _bad("it breaks off")


def write(fd: int, placed: Placed, name: str, at: int, *, syncs: bool) -> None:
    """Unpack a member into a new file of ours; with `syncs` it is on disk when this returns.

    Raises RefusedError, OSError; what was written of it by then stays for the caller to clear away.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    writing = os.open(name, flags, 0o600, dir_fd=at)
    try:
        for piece in pieces(fd, placed):
            view = memoryview(piece)
            while view:
                view = view[os.write(writing, view) :]
        if syncs:
            os.fsync(writing)
    finally:
        os.close(writing)


def _bad(found: str) -> RefusedError:
    return RefusedError("zip-bad-content", f"a member does not unpack to what was packed: {found}")
