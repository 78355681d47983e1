"""Lays accepted files into a folder, for whatever picks them up there.

    <folder>/<root>/<epoch>/manifest.json
    <folder>/<root>/<epoch>/students.csv

The epoch's folder appears whole, synced, by one rename, or not at all; what it holds is never changed afterwards. A
batch that is there already, as the newest of its epoch name (the manifest has its key), is left as it is. Other files
under the same epoch name stand beside the first, as `<epoch>.2`, `<epoch>.3` and so on, also where they are once more
those of an earlier one: the highest number is always what came last. Names that begin with a dot are ours: a lock, and
folders that are not finished.

A file with rows that are not to be used is laid down without them: each other record byte for byte as it came, in the
file's own encoding. Its entry in the manifest then has `laid_down`, the size and digest of what lies there, beside
those of what came. A file that is left out whole is not there; the manifest names it in `left_out`.

A file of changes is laid down as it came; its `mode` in the manifest says so, and whoever picks it up merges it.

The folder itself must exist, so that nothing is written below a mount point that is not mounted. New folders have its
permissions, and new files too, less the right to execute: who may read them is decided there, once.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import re
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

from watcher import fsops
from watcher.errors import ConfigError, LoaderError, PermanentError, TransientError
from watcher.loading.batch import Batch, BatchFile
from watcher.loading.loader import Loaded
from watcher.loading.manifest import MANIFEST, manifest_bytes
from watcher.model.names import safe_name
from watcher.text import quoted

_LOCK = ".lock"
_INCOMING = ".incoming"
_LOCK_FLAGS = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
#: What no later try mends: a name that the target's file system can't hold, or takes for another one's.
_LASTING = frozenset({errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ, errno.EEXIST, errno.EFBIG})


class FilesLoader:
    """See the module's text; the options are in `options_schema`."""

    options_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "required": ["folder"],
        "additionalProperties": False,
        "properties": {
            "folder": {"type": "string", "minLength": 1, "description": "expected the path of a folder that exists"},
        },
    }

    def __init__(self, name: str, options: Mapping[str, Any]) -> None:
        self._folder = Path(options["folder"])
        if not self._folder.is_absolute():
            raise ConfigError((f"loaders.{name}.folder: expected an absolute path",))

    def check(self) -> None:
        """Make a folder in the target and remove it again."""
        name = f"{_INCOMING}-check-{os.getpid()}"
        with _disk_errors(self._folder), fsops.open_root(self._folder) as folder:
            os.mkdir(name, 0o700, dir_fd=folder)
            os.rmdir(name, dir_fd=folder)

    def load(self, batch: Batch) -> Loaded:
        with _disk_errors(self._folder), fsops.open_root(self._folder) as folder:
            mode = stat.S_IMODE(os.fstat(folder).st_mode)
            _make_directory(batch.root, folder, mode)
            with fsops.open_directory(batch.root, folder) as parent, _locked(parent):
                _clear(parent)
                return _place(batch, parent, mode)

    def close(self) -> None:
        """Nothing stays open between loads."""


def _place(batch: Batch, parent: int, mode: int) -> Loaded:
    """Build the epoch's folder under a name of ours, then rename it; we alone hold the root's lock."""
    name, is_there = _name_for(batch, parent)
    rows = sum(file.rows for file in batch.files)
    if any(file.name == MANIFEST for file in batch.files):
        raise PermanentError(f"a file of the drop is called {MANIFEST}, as our own; have it sent without, or renamed")
    if is_there:
        return Loaded(rows, already=True, note=name)
    try:
        _make_directory(_INCOMING, parent, mode)
        with fsops.open_directory(_INCOMING, parent) as incoming:
            laid_down = {file.name: _copy(file, incoming, mode) for file in batch.files}
            _write(MANIFEST, incoming, mode, iter([manifest_bytes(batch, laid_down)]))
            os.fsync(incoming)
        fsops.move(_INCOMING, parent, name, parent)
    except BaseException:
        fsops.remove_tree(_INCOMING, parent)
        raise
    return Loaded(rows, note=name)


def _clear(parent: int) -> None:
    """Remove what a killed load left."""
    if not fsops.remove_tree(_INCOMING, parent):
        raise OSError(errno.EBUSY, "left by an earlier load and can't be removed", _INCOMING)


def _name_for(batch: Batch, parent: int) -> tuple[str, bool]:
    """Where the batch is, as the newest of its epoch name, with True; or the name that it should get, with False."""
    taken = sorted(_taken(batch.epoch, parent), reverse=True)
    names = (_numbered(batch.epoch, number) for number in taken)
    newest = next(((name, key) for name in names if (key := _key_in(name, parent)) is not None), None)
    if newest is not None and newest[1] == batch.key:
        return newest[0], True
    return _numbered(batch.epoch, taken[0] + 1 if taken else 1), False


def _taken(epoch: str, parent: int) -> Iterator[int]:
    """The numbers under which something stands; one that was taken away leaves a gap, which is never filled."""
    pattern = re.compile(rf"{re.escape(epoch)}(?:\.([2-9]|[1-9][0-9]{{1,8}}))?")
    matches = (pattern.fullmatch(name) for name in os.listdir(parent))
    return (int(match[1] or 1) for match in matches if match)


def _numbered(epoch: str, number: int) -> str:
    return epoch if number == 1 else f"{epoch}.{number}"


def _key_in(name: str, parent: int) -> str | None:
    """The key in a folder's manifest; None if it has none that can be read: then it is not one of ours."""
    try:
        with fsops.open_directory(name, parent) as folder, fsops.open_regular(MANIFEST, folder) as manifest:
            with os.fdopen(os.dup(manifest), "rb") as stream:
                content = json.load(stream)
            return str(content["key"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _copy(file: BatchFile, target: int, mode: int) -> dict[str, Any]:
    """Copy a staged file and see that it is what was validated. What to add to its manifest entry, if anything."""
    digest, size_bytes = hashlib.sha256(), 0

    def counted() -> Iterator[bytes]:
        nonlocal size_bytes
        for block in file.blocks():
            digest.update(block)
            size_bytes += len(block)
            yield block

    _write(file.name, target, mode, counted())
    return {"laid_down": {"size_bytes": size_bytes, "sha256": digest.hexdigest()}} if file.skipped else {}


def _write(name: str, target: int, mode: int, blocks: Iterator[bytes]) -> None:
    with os.fdopen(os.open(name, _NEW_FLAGS, 0o600, dir_fd=target), "wb") as stream:
        os.fchmod(stream.fileno(), mode & 0o666)
        for block in blocks:
            stream.write(block)
        stream.flush()
        os.fsync(stream.fileno())


def _make_directory(name: str, at: int, mode: int) -> None:
    """Like the target folder in its permissions, whatever our umask; one that is there already is left as it is."""
    if not fsops.exists(name, at):
        fsops.make_directory(name, at)
        os.chmod(name, mode, dir_fd=at)


@contextmanager
def _locked(parent: int) -> Iterator[None]:
    """One load per root and target at a time: what is unfinished in here is then known to be abandoned."""
    fd = os.open(_LOCK, _LOCK_FLAGS, 0o600, dir_fd=parent)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)


@contextmanager
def _disk_errors(folder: Path) -> Iterator[None]:
    """Full, unmounted, read-only, not permitted: a person or time mends it, and the drop waits for that."""
    try:
        yield
    except LoaderError:
        raise
    except OSError as error:
        about = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes | os.PathLike) else ""
        name = f": {quoted(safe_name(about))}" if about and about != str(folder) else ""
        kind = PermanentError if error.errno in _LASTING else TransientError
        raise kind(f"{folder}{name}: {error.strerror}") from error
