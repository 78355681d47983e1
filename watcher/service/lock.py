"""One service for one work directory: a lock that the kernel gives back when the process ends, however it ends."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from watcher.errors import LockedError


@contextmanager
def hold(path: Path, now: datetime) -> Iterator[None]:
    """Hold the lock. Raises LockedError, naming the holder, if another process has it."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        if not _lock(fd):
            raise LockedError(
                f"{path.parent} is in use by another epoch-watcher: {_read(fd)}; stop that one first, "
                "or give this one a work_dir of its own"
            )
        os.ftruncate(fd, 0)
        os.pwrite(fd, f"process {os.getpid()} on {socket.gethostname()} since {now:%Y-%m-%d %H:%M:%S %Z}\n".encode(), 0)
        yield
    finally:
        os.close(fd)


def _lock(fd: int) -> bool:
    """Whether we have it now. `holder` takes it for a moment only to ask, and must not keep a service from starting."""
    for pause_seconds in (0.05, 0.1, 0.2, None):
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.EACCES):
                raise
        else:
            return True
        if pause_seconds is not None:
            time.sleep(pause_seconds)
    return False


def holder(path: Path) -> str | None:
    """Who holds the lock, as he wrote it; None if nobody does. Raises PermissionError where we may not look."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in (errno.EAGAIN, errno.EACCES):
            raise
        return _read(fd)
    else:
        return None
    finally:
        os.close(fd)


def _read(fd: int) -> str:
    return os.pread(fd, 200, 0).decode(errors="replace").strip() or "it has not written its name yet"
