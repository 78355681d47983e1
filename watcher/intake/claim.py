"""Takes a drop out of the sender's reach, once, whatever happens half-way.

A claim's intent is in the journal before anything here runs, and `take` may be called again after any crash: it reads
how far it got off the disk. A drop's *envelope* is our own directory in stage; the drop's files lie in `files/` below
it as soon as they are whole, and a name is never made visible there before.

1. Rename: an epoch directory (or each loose file) is moved into the envelope. One rename, atomic.
2. Copy, where a rename is refused (a directory that is not ours to move, another mount): every file is copied to a
   fresh inode and compared with its identity before and after; then the original is removed or, where even that is
   refused, left and remembered.
3. Secure: what was renamed must now be regular files with one link that nobody has open for writing. Where that is not
   so, or can't be known, the content is copied to fresh inodes, so that nobody can change what was validated. All of
   it is synced: a sender's server leaves that to time, and a power cut would empty files that we answer for.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
from dataclasses import dataclass
from pathlib import Path

from watcher import fsops
from watcher.failpoints import reach
from watcher.fsops import Writer
from watcher.intake.scanner import read_epoch
from watcher.model.facts import Entry, EpochFacts, Kind
from watcher.model.names import MARKER, safe_name
from watcher.model.records import DropKind, Record, SourceEntry

FILES = "files"
#: What the claim has to tell the validation: entries that were not taken, files that did not come.
CLAIM_NOTES = "claim.json"

_PARTIAL = "files.partial"
_COPIED = "files.copied"
_ORIGINAL = "original"
_COPYING = ".copying"

_RENAME_REFUSED = frozenset({errno.EACCES, errno.EPERM, errno.EXDEV, errno.EROFS, errno.EBUSY})


@dataclass(frozen=True, slots=True)
class Taken:
    """The drop lies whole in its envelope. `how` is `renamed` or `copied`."""

    how: str
    files: int
    size_bytes: int
    source_left: bool


@dataclass(frozen=True, slots=True)
class NotYet:
    """The claim has begun but can't be finished now; nothing is lost."""

    reason: str


@dataclass(frozen=True, slots=True)
class Gone:
    """There is nothing to claim any more; nothing was taken."""

    reason: str


Outcome = Taken | NotYet | Gone


def take(record: Record, root: Path, envelope: Path, *, settle_for_copy: bool = False) -> Outcome:
    """Bring the drop of a CLAIMING record into its envelope, from wherever an earlier try left it.

    With `settle_for_copy` an open writer is no longer waited for: what is there is copied and stands.
    Raises OSError for trouble of our own (a full disk); call again later.
    """
    fsops.make_path(envelope)
    reach("claim.envelope-made")
    with fsops.open_directory(envelope) as home:
        _finish_swap(home)
        if not fsops.exists(FILES, home):
            stopped = _bring(record, root, home)
            if stopped is not None:
                return stopped
        return _secure(record, root, home, settle_for_copy=settle_for_copy)


def _bring(record: Record, root: Path, home: int) -> NotYet | Gone | None:
    try:
        with fsops.open_root(root) as source:
            if record.kind is DropKind.EPOCH:
                return _bring_epoch(record, source, home)
            return _bring_files(record, source, home)
    except FileNotFoundError:
        return NotYet(f"the root {root} is not there")


# --- an epoch directory -----------------------------------------------------------------------------------------------


def _bring_epoch(record: Record, source: int, home: int) -> NotYet | Gone | None:
    fsops.remove_tree(_PARTIAL, home)
    epoch = read_epoch(record.epoch, source)
    if epoch is None:
        return Gone("the sender took it away before it was claimed")
    if not _is_as_intended(epoch, record):
        return Gone("it changed before it was claimed")
    try:
        fsops.move(record.epoch, source, FILES, home)
    except FileNotFoundError:
        return Gone("the sender took it away before it was claimed")
    except OSError as error:
        # It may have been renamed all the same, and only the sync have failed.
        if error.errno not in _RENAME_REFUSED or fsops.exists(FILES, home):
            raise
        return _copy_epoch(epoch, source, home)
    reach("claim.moved")
    return None


def _is_as_intended(epoch: EpochFacts, record: Record) -> bool:
    intended = record.source
    return (epoch.device, epoch.inode) == (intended.device, intended.inode) and {
        entry.signature for entry in epoch.entries
    } == {_signature(entry) for entry in intended.entries}


def _signature(entry: SourceEntry) -> tuple[str, int, int, int, int]:
    return (entry.name, entry.inode, entry.size_bytes, entry.mtime_ns, entry.ctime_ns)


def _copy_epoch(epoch: EpochFacts, source: int, home: int) -> NotYet | None:
    fsops.make_directory(_PARTIAL, home)
    with fsops.open_directory(epoch.name, source) as reading, fsops.open_directory(_PARTIAL, home) as writing:
        stopped = _copy_entries(epoch.entries, reading, writing)
    if stopped is not None:
        return stopped
    again = read_epoch(epoch.name, source)
    if again is None or again.signature != epoch.signature:
        return NotYet("it changed while it was copied")
    _note_left_out(epoch.entries, home)
    fsops.move(_PARTIAL, home, FILES, home)
    reach("claim.copied")
    return None


def _copy_entries(entries: tuple[Entry, ...], reading: int, writing: int) -> NotYet | None:
    for entry in entries:
        if entry.kind is not Kind.FILE:
            continue
        try:
            fsops.copy_file(entry.name, reading, entry.name, writing)
        except OSError as error:
            if error.errno in (errno.EACCES, errno.EPERM):
                return NotYet(f"{safe_name(entry.name)} can't be read: {error.strerror}")
            if error.errno in (errno.EBUSY, errno.ENOENT, errno.EINVAL, errno.ELOOP):
                return NotYet(f"{safe_name(entry.name)} changed while it was copied")
            raise
    os.fsync(writing)
    return None


# --- loose files ------------------------------------------------------------------------------------------------------


def _bring_files(record: Record, source: int, home: int) -> NotYet | Gone | None:
    fsops.make_directory(_PARTIAL, home)
    with fsops.open_directory(_PARTIAL, home) as partial:
        fsops.remove(_COPYING, partial)
        came = False
        for entry in record.source.entries:
            try:
                came = _bring_file(entry, source, partial) or came
            except PermissionError as error:  # it may be neither moved nor read
                return NotYet(f"{safe_name(entry.name)} can't be read: {error.strerror}")
        if not came:
            fsops.remove_tree(_PARTIAL, home)
            return Gone("the sender took the files away before they were gathered")
        if not fsops.exists(MARKER, partial):
            fsops.write_file(MARKER, partial, b"")
    fsops.move(_PARTIAL, home, FILES, home)
    reach("gather.closed")
    return None


def _bring_file(entry: SourceEntry, source: int, partial: int) -> bool:
    """Whether the file is in the drop now. One that was replaced since the intent is left for the next gather."""
    if fsops.exists(entry.target, partial):
        return True
    if not _is_same(entry, source):
        return False
    try:
        fsops.move(entry.name, source, entry.target, partial)
    except FileNotFoundError:
        return False
    except OSError as error:
        if error.errno not in _RENAME_REFUSED:
            raise
        fsops.copy_file(entry.name, source, _COPYING, partial)
        fsops.move(_COPYING, partial, entry.target, partial)
    reach("gather.file-moved")
    return True


def _is_same(entry: SourceEntry, at: int) -> bool:
    try:
        status = os.lstat(entry.name, dir_fd=at)
    except FileNotFoundError:
        return False
    seen = (entry.name, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
    return seen == _signature(entry)


# --- after the files have come ----------------------------------------------------------------------------------------


def _secure(record: Record, root: Path, home: int, *, settle_for_copy: bool) -> Taken | NotYet:
    drop = read_epoch(FILES, home)
    if drop is None or drop.problem:
        return NotYet(f"its folder in stage {drop.problem if drop else 'vanished'}")
    regular = tuple(entry for entry in drop.entries if entry.kind is Kind.FILE)
    with fsops.open_directory(FILES, home) as fd:
        writers = {entry.name: fsops.writer_of(entry.name, fd) for entry in regular}
        readable = all(_can_read(entry.name, fd) for entry in regular)
    still_open = [name for name, writer in writers.items() if writer is Writer.OPEN]
    if still_open and not settle_for_copy:
        return NotYet(f"{safe_name(still_open[0])} is still open for writing")
    is_safe = all(writer is Writer.NONE for writer in writers.values()) and all(e.links == 1 for e in regular)
    # What can't be read can't be copied: the drop stays as it is, and the validation refuses it for that.
    swap = not is_safe and readable
    if swap:
        _swap_for_copy(drop, home)
    else:
        _sync(regular, home)
    reach("claim.secured")
    left = _release_source(record, root, home)
    how = "renamed" if not swap and drop.inode == record.source.inode else "copied"
    if record.kind is DropKind.GATHERED:
        how = "gathered"
    data = [entry for entry in regular if entry.name != MARKER]
    return Taken(how, len(data), sum(entry.size_bytes for entry in data), left)


def _can_read(name: str, at: int) -> bool:
    try:
        with fsops.open_regular(name, at):
            return True
    except OSError:
        return False


def _sync(entries: tuple[Entry, ...], home: int) -> None:
    """Put on disk what the sender's server wrote into memory only: from the claim on, we answer for it."""
    with fsops.open_directory(FILES, home) as fd:
        for entry in entries:
            with contextlib.suppress(PermissionError), fsops.open_regular(entry.name, fd) as file:
                os.fsync(file)
        os.fsync(fd)


def _swap_for_copy(drop: EpochFacts, home: int) -> None:
    """Put copies on fresh inodes in the place of the renamed files."""
    fsops.remove_tree(_PARTIAL, home)
    fsops.make_directory(_PARTIAL, home)
    with fsops.open_directory(FILES, home) as reading, fsops.open_directory(_PARTIAL, home) as writing:
        for entry in drop.entries:
            if entry.kind is Kind.FILE:
                fsops.copy_file(entry.name, reading, entry.name, writing, may_change=True)
        os.fsync(writing)
    _note_left_out(drop.entries, home)
    fsops.move(_PARTIAL, home, _COPIED, home)
    _finish_swap(home)


def _finish_swap(home: int) -> None:
    """Complete a swap that may have been cut off between its renames."""
    if fsops.exists(_COPIED, home):
        if fsops.exists(FILES, home):
            fsops.remove_tree(_ORIGINAL, home)
            fsops.move(FILES, home, _ORIGINAL, home)
        fsops.move(_COPIED, home, FILES, home)
    fsops.remove_tree(_ORIGINAL, home)


def _release_source(record: Record, root: Path, home: int) -> bool:
    """Remove what was copied from the root; whether any of it had to be left there."""
    try:
        with fsops.open_root(root) as source:
            if record.kind is DropKind.GATHERED:
                with fsops.open_directory(FILES, home) as files:
                    taken = [e for e in record.source.entries if fsops.exists(e.target, files)]
                return _remove_same(taken, source)
            return _release_epoch(record, source)
    except FileNotFoundError:
        return False


def _release_epoch(record: Record, source: int) -> bool:
    epoch = read_epoch(record.epoch, source)
    if epoch is None or (epoch.device, epoch.inode) != (record.source.device, record.source.inode):
        return False
    with fsops.open_directory(record.epoch, source) as fd:
        left = _remove_same(record.source.entries, fd)
    if left:
        return True
    try:
        os.rmdir(record.epoch, dir_fd=source)
    except OSError:
        return True
    return False


def _remove_same(entries: tuple[SourceEntry, ...] | list[SourceEntry], at: int) -> bool:
    """Unlink the entries that are still the very ones that were taken; whether any of those had to stay."""
    stayed = [entry for entry in entries if _is_same(entry, at) and not fsops.remove(entry.name, at)]
    return bool(stayed)


# --- what the validation is told --------------------------------------------------------------------------------------


def _note_left_out(entries: tuple[Entry, ...], home: int) -> None:
    left_out = [{"name": safe_name(e.name), "kind": e.kind.value} for e in entries if e.kind is not Kind.FILE]
    if left_out:
        fsops.write_file(CLAIM_NOTES, home, json.dumps({"left_out": left_out}).encode())


def left_out(envelope: Path) -> tuple[tuple[str, str], ...]:
    """Name and kind of each entry that a copy did not take because it is no regular file."""
    try:
        notes = json.loads((envelope / CLAIM_NOTES).read_bytes())
    except FileNotFoundError:
        return ()
    return tuple((item["name"], item["kind"]) for item in notes["left_out"])


def discard_empty(envelope: Path) -> None:
    """Remove the envelope of a claim that took nothing; one that holds anything stays."""
    with contextlib.suppress(OSError):
        envelope.rmdir()
