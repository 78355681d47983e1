"""One open file of a drop: read by offset, digested on the way, asked at the end whether it stayed the same."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field

_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_DIGEST_BYTES = 4 * 1024 * 1024

_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFLNK: "a symbolic link",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


class NotRegularError(Exception):
    """The entry is no ordinary file; `kind` says what it is, `is_directory` whether it is a folder."""

    def __init__(self, mode: int) -> None:
        self.kind = _KINDS.get(stat.S_IFMT(mode), "something unknown")
        self.is_directory = stat.S_ISDIR(mode)
        super().__init__(self.kind)


@dataclass(slots=True)
class Source:
    """An open regular file. The digest covers each byte once, however often it is read."""

    fd: int
    size_bytes: int
    _identity: tuple[int, int, int]
    _digest: hashlib._Hash = field(default_factory=hashlib.sha256)
    _digested: int = 0

    @property
    def identity(self) -> tuple[int, int, int]:
        """Size and times when it was opened: those of another file, or of this one written to since, are others."""
        return self._identity

    def read(self, offset: int, length: int) -> bytes:
        """The bytes at this offset; fewer than asked for only at the end of the file. Raises OSError."""
        parts: list[bytes] = []
        missing = length
        while missing > 0 and (part := os.pread(self.fd, missing, offset + length - missing)):
            parts.append(part)
            missing -= len(part)
        data = parts[0] if len(parts) == 1 else b"".join(parts)
        self._take(offset, data)
        return data

    def raw_at(self, offset: int) -> int:
        """The offset itself: what is read are the bytes of the file as they are."""
        return offset

    def sha256(self) -> str:
        """The digest of the whole file, in hex; what was not read yet is read now. Raises OSError."""
        while self.read(self._digested, _DIGEST_BYTES):
            pass
        return self._digest.hexdigest()

    def has_changed(self) -> bool:
        """Whether it was written to since it was opened, as far as size and times tell."""
        return _identity(os.fstat(self.fd)) != self._identity

    def _take(self, offset: int, data: bytes) -> None:
        """Digest what lies beyond the digested part; the readers go forward without gaps."""
        new = offset + len(data) - self._digested
        if offset <= self._digested and new > 0:
            self._digest.update(memoryview(data)[-new:])
            self._digested += new


#: Opens a file of a drop by its name.
Opened = Callable[[str], AbstractContextManager[Source]]


@contextmanager
def open_source(name: str | os.PathLike[str], directory: int | None = None) -> Iterator[Source]:
    """Open an entry of a directory; never waits for a writer, never follows a link.

    Raises NotRegularError for anything but an ordinary file, OSError if it can't be opened.
    """
    try:
        fd = os.open(name, _FLAGS, dir_fd=directory)
    except OSError:
        # A link or a socket can't be opened this way at all; anything else is the caller's trouble.
        mode = os.stat(name, dir_fd=directory, follow_symlinks=False).st_mode
        if not stat.S_ISREG(mode):
            raise NotRegularError(mode) from None
        raise
    try:
        with open_descriptor(fd) as source:
            yield source
    finally:
        os.close(fd)


@contextmanager
def open_descriptor(fd: int) -> Iterator[Source]:
    """A file that is open already, as a source. It stays open, and its own offset where it is.

    Raises NotRegularError for anything but an ordinary file, OSError if there is none.
    """
    status = os.fstat(fd)
    if not stat.S_ISREG(status.st_mode):
        raise NotRegularError(status.st_mode)
    yield Source(fd, status.st_size, _identity(status))


def _identity(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns
