"""The content of one open file copied into another: no more than was there, and a hole stays a hole.

A sender can make a file of a terabyte out of one block. Its copy takes one block too, and ends where the file ended
when the copy began, however fast somebody writes on.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator

_KERNEL_BYTES = 8 * 1024 * 1024
_READ_BYTES = 1024 * 1024
_ZEROS = bytes(_READ_BYTES)

#: The kernel does not copy between these two: other mounts, other kinds of file system.
_NOT_IN_KERNEL = frozenset({errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP})
#: The file system can't say where data is.
_NOT_TOLD = frozenset({errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP})


def copy_content(reading: int, writing: int, size_bytes: int) -> None:
    """Copy the first `size_bytes` of a file, or what is left of it if it got shorter, into an empty one.

    Raises OSError.
    """
    os.ftruncate(writing, size_bytes)
    for start, end in _data(reading, size_bytes):
        if _copy_range(reading, writing, start, end) < end:
            break
    left_bytes = os.fstat(reading).st_size
    if left_bytes < size_bytes:
        os.ftruncate(writing, left_bytes)


def _data(reading: int, size_bytes: int) -> Iterator[tuple[int, int]]:
    """Where there is something other than holes, as (start, end) offsets."""
    start = end = 0
    while end < size_bytes:
        try:
            start = os.lseek(reading, end, os.SEEK_DATA)
            end = os.lseek(reading, start, os.SEEK_HOLE)
        except OSError as error:
            if error.errno == errno.ENXIO:  # a hole up to the end, or it was cut off there meanwhile
                return
            if error.errno not in _NOT_TOLD:
                raise
            start, end = end, size_bytes
        if start < size_bytes:
            yield start, min(end, size_bytes)


def _copy_range(reading: int, writing: int, at: int, end: int) -> int:
    """The offset that was reached: less than `end` where the file ends before."""
    while at < end:
        try:
            copied = os.copy_file_range(reading, writing, min(end - at, _KERNEL_BYTES), at, at)
        except OSError as error:
            if error.errno not in _NOT_IN_KERNEL:
                raise
            return _read_and_write(reading, writing, at, end)
        if copied == 0:  # the end, or a file system that says so of anything
            return _read_and_write(reading, writing, at, end)
        at += copied
    return at


def _read_and_write(reading: int, writing: int, at: int, end: int) -> int:
    while at < end:
        block = os.pread(reading, min(end - at, _READ_BYTES), at)
        if not block:
            break
        if block != _ZEROS[: len(block)]:
            _write(writing, block, at)
        at += len(block)
    return at


def _write(writing: int, block: bytes, at: int) -> None:
    view = memoryview(block)
    while view:
        written = os.pwrite(writing, view, at)
        view, at = view[written:], at + written
