"""Tries in a root what the service will do there: make, rename into the work directory, ask for leases, read.

What is made is named like an upload under way, so that a running service passes over it, and is removed again, also
what an earlier doctor left when it was killed.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from watcher import fsops
from watcher.fsops import Writer
from watcher.model.facts import EpochFacts, Kind, RootFacts
from watcher.model.names import safe_name

_PREFIX = ".epoch-watcher-doctor-"
_SUFFIX = ".tmp"
#: Files of one root that are opened to see whether that is allowed; a root that refuses one refuses most.
_MOST_FILES = 1000
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of trying in one root; names are printable. An errno is 0 where it worked, None where not tried.

    `lease` is that of a file of our own, `foreign_lease` that of a file of another user, None without one.
    `skew_seconds` is by how much a file's time is ahead of our clock.
    """

    made: int | None = None
    moved: int | None = None
    lease: Writer | None = None
    foreign_lease: Writer | None = None
    skew_seconds: float = 0.0
    is_sticky: bool = False
    #: epoch directories that can't be moved by us, and why: a claim copies them
    immovable: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
    #: entries whose ctime is ahead of our clock
    future: tuple[str, ...] = ()
    #: the folder for reports: 0 if it can be written; None if there is none yet
    results: int | None = None


def scratch_name() -> str:
    """A name that no running service takes for a drop and no two doctors share."""
    return f"{_PREFIX}{secrets.token_hex(6)}{_SUFFIX}"


def try_root(facts: RootFacts, path: Path, target: Path | None, *, results: str) -> Tried:
    """Try everything in one readable root. `target` is where claims go, None if it is not there yet."""
    with fsops.open_root(path) as root:
        status = os.fstat(root)
        made, moved, lease, skew = _try_rename(root, target)
        return Tried(
            made=made,
            moved=moved,
            lease=lease,
            foreign_lease=_foreign_lease(facts, root),
            skew_seconds=skew,
            is_sticky=bool(status.st_mode & stat.S_ISVTX) and os.geteuid() not in (0, status.st_uid),
            immovable=tuple(epoch.name for epoch in facts.epochs if not epoch.problem and not _may_move(epoch, root)),
            unreadable=tuple(_unreadable(facts, root)),
            future=tuple(_future(facts, time.time_ns())),
            results=_try_results(root, results),
        )


def try_to_write(folder: int) -> int:
    """0, or the errno of writing a small file into an open folder."""
    name = scratch_name()
    try:
        fd = os.open(name, _NEW_FILE, 0o600, dir_fd=folder)
        try:
            os.write(fd, b"doctor\n")
            os.fsync(fd)
        finally:
            os.close(fd)
    except OSError as error:
        return error.errno or errno.EIO
    finally:
        _discard(name, folder)
    return 0


def clear_abandoned(folder: int, abandoned_seconds: float = 3600) -> None:
    """Remove what a doctor left that was killed so long ago."""
    oldest = time.time() - abandoned_seconds
    with os.scandir(folder) as entries:
        ours = [e.name for e in entries if e.name.startswith(_PREFIX) and e.name.endswith(_SUFFIX)]
    for name in ours:
        with contextlib.suppress(OSError):
            status = os.lstat(name, dir_fd=folder)
            if status.st_uid == os.geteuid() and status.st_ctime < oldest:
                _discard(name, folder)


def _try_rename(root: int, target: Path | None) -> tuple[int, int | None, Writer | None, float]:
    """(errno of making, errno of renaming, lease on our own file, seconds that the file's time is ahead)."""
    clear_abandoned(root)
    folder, file = scratch_name(), scratch_name()
    try:
        os.mkdir(folder, 0o700, dir_fd=root)
        before = time.time()
        os.close(os.open(file, _NEW_FILE, 0o600, dir_fd=root))
        skew = os.lstat(file, dir_fd=root).st_ctime - before
        lease = fsops.writer_of(file, root)
        moved = None if target is None else _rename_errno((folder, file), root, target)
    except OSError as error:
        return error.errno or errno.EIO, None, None, 0.0
    else:
        return 0, moved, lease, skew
    finally:
        _discard(folder, root)
        _discard(file, root)


def _rename_errno(names: tuple[str, ...], root: int, target: Path) -> int:
    with fsops.open_root(target) as stage:
        clear_abandoned(stage)
        try:
            for name in names:
                os.rename(name, name, src_dir_fd=root, dst_dir_fd=stage)
        except OSError as error:
            return error.errno or errno.EIO
        finally:
            for name in names:
                _discard(name, stage)
    return 0


def _discard(name: str, folder: int) -> None:
    """Remove a scratch file or empty scratch directory."""
    with contextlib.suppress(OSError):
        os.unlink(name, dir_fd=folder)
    with contextlib.suppress(OSError):
        os.rmdir(name, dir_fd=folder)


def _may_move(epoch: EpochFacts, root: int) -> bool:
    """Whether we may write the directory itself: renaming it to another parent changes its `..`."""
    return os.access(epoch.name, os.W_OK | os.X_OK, dir_fd=root, effective_ids=True)


def _unreadable(facts: RootFacts, root: int) -> Iterator[str]:
    for label, name, folder in _files(facts, root):
        try:
            with fsops.open_regular(name, folder):
                continue
        except OSError as error:
            if error.errno in (errno.EACCES, errno.EPERM):
                yield label


def _foreign_lease(facts: RootFacts, root: int) -> Writer | None:
    for _, name, folder in _files(facts, root):
        with contextlib.suppress(OSError):
            if os.lstat(name, dir_fd=folder).st_uid != os.geteuid():
                return fsops.writer_of(name, folder)
    return None


def _files(facts: RootFacts, root: int) -> Iterator[tuple[str, str, int]]:
    """(printable path, name, open folder) of regular files in a root, a bounded number."""
    left = _MOST_FILES
    for item in facts.loose:
        if item.entry.kind is Kind.FILE and left > 0:
            left -= 1
            yield safe_name(item.entry.name), item.entry.name, root
    for epoch in facts.epochs:
        with contextlib.suppress(OSError), fsops.open_directory(epoch.name, root) as folder:
            for entry in epoch.entries:
                if entry.kind is Kind.FILE and left > 0:
                    left -= 1
                    yield f"{epoch.name}/{safe_name(entry.name)}", entry.name, folder


def _future(facts: RootFacts, now_ns: int) -> Iterator[str]:
    """Entries that changed more than a minute from now."""
    latest = now_ns + 60 * 10**9
    yield from (epoch.name for epoch in facts.epochs if epoch.changed_ns > latest)
    yield from (safe_name(item.entry.name) for item in facts.loose if item.entry.ctime_ns > latest)


def _try_results(root: int, results: str) -> int | None:
    try:
        with fsops.open_directory(results, root) as folder:
            clear_abandoned(folder)
            return try_to_write(folder)
    except FileNotFoundError:
        return None
    except OSError as error:
        return error.errno or errno.EIO
