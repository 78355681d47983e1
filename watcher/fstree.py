"""Empties an open directory, however deep: a sender can nest thousands of directories in one another.

Neither a stack frame nor a descriptor for each level: what lies in a sub-directory is moved up to the top, level by
level, and removed from there.
"""

from __future__ import annotations

import errno
import itertools
import os
import secrets
from collections.abc import Iterator

_DIRECTORY_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def empty(top: int) -> None:
    """Remove all that lies in an open directory, without following links. Raises OSError for what is not ours to."""
    prefix = secrets.token_hex(8)  # no name that a sender could have given
    fresh = (f"{prefix}-{number}" for number in itertools.count())
    while directories := _remove_most(top):
        for name in directories:
            _lift(name, top, fresh)


def _lift(name: str, top: int, fresh: Iterator[str]) -> None:
    """Remove a directory of the top after its own directories have become the top's."""
    inner = os.open(name, _DIRECTORY_FLAGS, dir_fd=top)
    try:
        for below in _remove_most(inner):
            os.rename(below, next(fresh), src_dir_fd=inner, dst_dir_fd=top)
    finally:
        os.close(inner)
    os.rmdir(name, dir_fd=top)


def _remove_most(fd: int) -> list[str]:
    """Remove the files and the empty directories of an open directory; the names of the others."""
    with os.scandir(fd) as listing:
        entries = [(item.name, item.is_dir(follow_symlinks=False)) for item in listing]
    return [name for name, is_directory in entries if not _remove_one(name, fd, is_directory=is_directory)]


def _remove_one(name: str, at: int, *, is_directory: bool) -> bool:
    """Whether it is gone; False for a directory that is not empty."""
    try:
        if is_directory:
            os.rmdir(name, dir_fd=at)
        else:
            os.unlink(name, dir_fd=at)
    except FileNotFoundError:
        return True
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise
        return False
    return True
