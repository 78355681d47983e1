"""File-system operations that survive a crash and a hostile directory.

Everything works relative to directory descriptors and never follows a link. What is moved or written is on disk when
the function returns: file and directory are synced.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

from watcher.fscopy import copy_content
from watcher.fstree import empty

_DIRECTORY_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_READ_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_RENAME_NOREPLACE = 1

_libc = ctypes.CDLL(None, use_errno=True)


class Writer(StrEnum):
    """Whether some process has a file open for writing."""

    NONE = "none"
    OPEN = "open"
    #: the kernel does not tell us: not our file and no CAP_LEASE, or a file system without leases
    UNKNOWN = "unknown"


@contextmanager
def open_directory(name: str | Path, at: int | None = None) -> Iterator[int]:
    """A descriptor of a directory, not through a link. Raises OSError (ENOTDIR or ELOOP for a link)."""
    fd = os.open(name, _DIRECTORY_FLAGS, dir_fd=at)
    try:
        yield fd
    finally:
        os.close(fd)


@contextmanager
def open_root(path: str | Path) -> Iterator[int]:
    """A descriptor of an upload root. Its own path is the operator's and may go through links."""
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield fd
    finally:
        os.close(fd)


@contextmanager
def open_regular(name: str, at: int) -> Iterator[int]:
    """A descriptor to read a regular file. Never waits (a FIFO), never follows; raises OSError(EINVAL) otherwise."""
    fd = os.open(name, _READ_FLAGS, dir_fd=at)
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise OSError(errno.EINVAL, "not a regular file", name)
        yield fd
    finally:
        os.close(fd)


def writer_of(name: str, at: int) -> Writer:
    """Whether a process has this regular file open for writing, told by the kernel through a read lease.

    SIGIO must be ignored by the process: it is what a lease holder gets when a writer knocks, and it kills by default.
    The lease is given back at once; a writer that comes meanwhile waits for microseconds.
    """
    try:
        with open_regular(name, at) as fd:
            fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_RDLCK)
            fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_UNLCK)
            return Writer.NONE
    except OSError as error:
        return Writer.OPEN if error.errno == errno.EAGAIN else Writer.UNKNOWN


def move(name: str, source: int, new_name: str, target: int) -> None:
    """Rename between directories, never over something, and sync both.

    Raises OSError: EEXIST where the target is taken, EXDEV over mounts, EACCES for a directory not ours to move.
    """
    rename(name, source, new_name, target)
    os.fsync(target)
    os.fsync(source)


def rename(name: str, source: int, new_name: str, target: int) -> None:
    """The same without a sync, for many at once: sync both directories after the last."""
    if _libc.renameat2(source, os.fsencode(name), target, os.fsencode(new_name), _RENAME_NOREPLACE) != 0:
        code = ctypes.get_errno()
        if code not in (errno.EINVAL, errno.ENOSYS):
            raise OSError(code, os.strerror(code), name, None, new_name)
        _move_without_flag(name, source, new_name, target)


def _move_without_flag(name: str, source: int, new_name: str, target: int) -> None:
    """For file systems without RENAME_NOREPLACE (NFS): look first; only our own process writes the target folder."""
    try:
        os.stat(new_name, follow_symlinks=False, dir_fd=target)
    except FileNotFoundError:
        os.rename(name, new_name, src_dir_fd=source, dst_dir_fd=target)
    else:
        raise OSError(errno.EEXIST, os.strerror(errno.EEXIST), name, None, new_name)


def make_directory(name: str, at: int, mode: int = 0o700) -> None:
    """Make a directory and sync its parent; one that is there already is fine."""
    try:
        os.mkdir(name, mode, dir_fd=at)
    except FileExistsError:
        return
    os.fsync(at)


def make_path(path: Path) -> None:
    """Make a directory of our own with its parents, each for us alone and on disk when this returns."""
    if path.is_dir():
        return
    make_path(path.parent)
    path.mkdir(mode=0o700, exist_ok=True)
    with open_root(path.parent) as parent:
        os.fsync(parent)


def copy_file(name: str, source: int, new_name: str, target: int, *, may_change: bool = False) -> None:
    """Copy a regular file, as long as it is now, holes and mtime included, to a fresh inode of ours, synced.

    Raises OSError(EBUSY) if the source changed meanwhile, unless it may; EEXIST if the target is there. A copy that
    failed leaves nothing behind: on a full disk its part would keep the disk full.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with open_regular(name, source) as reading:
        before = os.fstat(reading)
        writing = os.open(new_name, flags, 0o600, dir_fd=target)
        try:
            _fill(reading, writing, before)
            if not may_change and _identity(before) != _identity(os.fstat(reading)):
                raise OSError(errno.EBUSY, "changed while it was copied", name)
        except BaseException:
            remove(new_name, target)
            raise


def _fill(reading: int, writing: int, before: os.stat_result) -> None:
    try:
        copy_content(reading, writing, before.st_size)
        os.utime(writing, ns=(before.st_atime_ns, before.st_mtime_ns))
        os.fsync(writing)
    finally:
        os.close(writing)


def _identity(status: os.stat_result) -> tuple[int, int, int, int]:
    return (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def write_file(name: str, at: int, content: bytes | Iterable[bytes], mode: int = 0o600) -> None:
    """Write a whole file under a temporary name, sync it, and rename it into place, over whatever stood there.

    The content may come in blocks, for as long as they last; where making one fails, nothing is written.
    """
    write_files({name: content}, at, mode)


def write_files(contents: Mapping[str, bytes | Iterable[bytes]], at: int, mode: int = 0o600) -> None:
    """The same for files that belong together: all of them are written before the first is renamed into place.

    Raises OSError; then none of these contents is there, and what stood there before still is, unless a rename failed
    half-way.
    """
    staged: dict[str, str] = {}
    try:
        for name, content in contents.items():
            staged[name] = _temporary(name)
            _stage(staged[name], at, content, mode)
        _refuse_directories(staged, at)
        _rename_all(staged, at)
    except BaseException:
        for temporary in staged.values():
            remove(temporary, at)
        raise
    os.fsync(at)


def _temporary(name: str) -> str:
    """Always the same, so that a second try clears away what a crash left of the first; no two processes write it."""
    return f".{name}.tmp"


def _stage(temporary: str, at: int, content: bytes | Iterable[bytes], mode: int) -> None:
    remove(temporary, at)
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode, dir_fd=at)
    try:
        os.fchmod(fd, mode)
        for block in (content,) if isinstance(content, bytes) else content:
            view = memoryview(block)
            while view:
                view = view[os.write(fd, view) :]
        os.fsync(fd)
    finally:
        os.close(fd)


def _refuse_directories(names: Iterable[str], at: int) -> None:
    """What no rename replaces is found before the first one."""
    for name in names:
        with contextlib.suppress(FileNotFoundError):
            if stat.S_ISDIR(os.stat(name, follow_symlinks=False, dir_fd=at).st_mode):
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), name)


def _rename_all(staged: Mapping[str, str], at: int) -> None:
    """From their temporary names to their own: all, or none stays."""
    placed: list[str] = []
    try:
        for name, temporary in staged.items():
            os.rename(temporary, name, src_dir_fd=at, dst_dir_fd=at)
            placed.append(name)
    except OSError:
        for name in placed:
            remove(name, at)
        raise


def remove(name: str, at: int) -> bool:
    """Unlink a file; False if it was not there or is not ours to remove."""
    try:
        os.unlink(name, dir_fd=at)
    except FileNotFoundError:
        return False
    except OSError as error:
        if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS, errno.EISDIR, errno.EBUSY):
            raise
        return False
    return True


def remove_tree(name: str, at: int) -> bool:
    """Remove a directory with all in it, however deep, without following links; whether it is gone."""
    try:
        with open_directory(name, at) as fd:
            empty(fd)
        os.rmdir(name, dir_fd=at)
    except OSError:
        return not exists(name, at)
    return True


def exists(name: str, at: int) -> bool:
    """Whether an entry of that name is there, a dangling link included."""
    try:
        os.stat(name, follow_symlinks=False, dir_fd=at)
    except FileNotFoundError:
        return False
    return True
