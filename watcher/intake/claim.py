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
import itertools
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from watcher import fsops
from watcher.failpoints import reach
from watcher.fsops import Writer
from watcher.intake.original import is_as_intended, is_out_of_sight, is_same, release
from watcher.intake.scanner import read_epoch
from watcher.model.facts import Entry, EpochFacts, Kind
from watcher.model.names import MARKER, safe_name
from watcher.model.records import DropKind, Record, SourceEntry

FILES = "files"
#: What the claim has to tell the validation: entries that were not taken, files that did not come.
CLAIM_NOTES = "claim.json"

#: The kind, in those notes, of a regular file that could not be read.
UNREADABLE = "unreadable file"

_PARTIAL = "files.partial"
_COPIED = "files.copied"
_ORIGINAL = "original"
_COPYING = ".copying"
#: What the journal can count; two sparse files can claim to be more.
_MOST_BYTES = 2**63 - 1

#: No trouble of ours that passes: the file's permissions, or a size that the stage's file system can't hold.
_REFUSED = frozenset({errno.EACCES, errno.EPERM, errno.EFBIG})
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

    With `settle_for_copy` neither an open writer nor a file that can't be read is waited for any longer: what is there
    is copied and stands, what can't be read is left out and noted.
    Raises OSError for trouble of our own (a full disk); call again later.
    """
    fsops.make_path(envelope)
    reach("claim.envelope-made")
    with fsops.open_directory(envelope) as home:
        _finish_swap(home)
        if not fsops.exists(FILES, home):
            stopped = _bring(record, root, home, settle_for_copy=settle_for_copy)
            if stopped is not None:
                return stopped
        return _secure(record, root, home, settle_for_copy=settle_for_copy)


def _bring(record: Record, root: Path, home: int, *, settle_for_copy: bool) -> NotYet | Gone | None:
    try:
        with fsops.open_root(root) as source:
            if record.kind is DropKind.EPOCH:
                return _bring_epoch(record, source, home, settle_for_copy=settle_for_copy)
            return _bring_files(record, source, home, settle_for_copy=settle_for_copy)
    except FileNotFoundError:
        return NotYet(f"the root {root} is not there")


# --- an epoch directory -----------------------------------------------------------------------------------------------


def _bring_epoch(record: Record, source: int, home: int, *, settle_for_copy: bool) -> NotYet | Gone | None:
    fsops.remove_tree(_PARTIAL, home)
    epoch = read_epoch(record.epoch, source)
    if epoch is None:
        return Gone("the sender took it away before it was claimed")
    if not is_as_intended(epoch, record):
        return Gone("it changed before it was claimed")
    try:
        fsops.move(record.epoch, source, FILES, home)
    except FileNotFoundError:
        return Gone("the sender took it away before it was claimed")
    except OSError as error:
        # It may have been renamed all the same, and only the sync have failed.
        if error.errno not in _RENAME_REFUSED or fsops.exists(FILES, home):
            raise
        return _copy_epoch(epoch, source, home, settle_for_copy=settle_for_copy)
    reach("claim.moved")
    return None


def _copy_epoch(epoch: EpochFacts, source: int, home: int, *, settle_for_copy: bool) -> NotYet | None:
    files = [entry for entry in epoch.entries if entry.kind is Kind.FILE]
    with fsops.open_directory(epoch.name, source) as reading:
        # All are tried before any is copied: a drop of which one can't be read is not copied again at every try.
        refused = {entry.name: why for entry in files if (why := _why_unreadable(entry.name, reading))}
        if settle_for_copy or not refused:
            with _fresh_partial(home) as writing:
                stopped = _copy_entries(files, refused, reading, writing)
            if stopped is not None:
                return stopped
    if refused and not settle_for_copy:
        name, why = next(iter(refused.items()))
        return NotYet(f"{safe_name(name)} can't be read: {why}")
    again = read_epoch(epoch.name, source)
    if again is None or again.signature != epoch.signature:
        return NotYet("it changed while it was copied")
    _note_left_out([*_no_files(epoch), *((name, UNREADABLE) for name in refused)], home)
    fsops.move(_PARTIAL, home, FILES, home)
    reach("claim.copied")
    return None


@contextlib.contextmanager
def _fresh_partial(home: int) -> Iterator[int]:
    """An empty folder to copy into, synced at the end. A copy that breaks off leaves no part to fill the disk."""
    fsops.remove_tree(_PARTIAL, home)
    fsops.make_directory(_PARTIAL, home)
    try:
        with fsops.open_directory(_PARTIAL, home) as writing:
            yield writing
            os.fsync(writing)
    except OSError:
        fsops.remove_tree(_PARTIAL, home)
        raise


def _why_unreadable(name: str, at: int) -> str:
    """Why we may not read it; nothing if we may, or if it is something else by now: a copy will find that."""
    try:
        with fsops.open_regular(name, at):
            return ""
    except PermissionError as error:
        return error.strerror or "no permission"
    except OSError:
        return ""


def _copy_entries(files: list[Entry], refused: dict[str, str], reading: int, writing: int) -> NotYet | None:
    """Copy all but the refused ones; one of a size that can't be written is refused too, with the reason."""
    for entry in files:
        if entry.name in refused:
            continue
        try:
            fsops.copy_file(entry.name, reading, entry.name, writing)
        except OSError as error:
            if error.errno in _REFUSED:
                refused[entry.name] = error.strerror or "no permission"
            elif error.errno in (errno.EBUSY, errno.ENOENT, errno.EINVAL, errno.ELOOP):
                return NotYet(f"{safe_name(entry.name)} changed while it was copied")
            else:
                raise
    return None


# --- loose files ------------------------------------------------------------------------------------------------------


def _bring_files(record: Record, source: int, home: int, *, settle_for_copy: bool) -> NotYet | Gone | None:
    fsops.make_directory(_PARTIAL, home)
    with fsops.open_directory(_PARTIAL, home) as partial:
        fsops.remove(_COPYING, partial)
        awaited = [entry for entry in record.source.entries if not fsops.exists(entry.target, partial)]
        if awaited and is_out_of_sight([entry.name for entry in awaited], record, source):
            return NotYet("the root is another file system now; is a mount missing?")
        came = len(awaited) < len(record.source.entries)
        refused = []
        for entry in awaited:
            try:
                came = _bring_file(entry, source, partial) or came
            except OSError as error:
                if error.errno not in _REFUSED:
                    raise
                if not settle_for_copy:
                    return NotYet(f"{safe_name(entry.name)} can't be read: {error.strerror}")
                refused.append(entry.target)
        if not came and not refused:
            fsops.remove_tree(_PARTIAL, home)
            return Gone("the sender took the files away before they were gathered")
        if not fsops.exists(MARKER, partial):
            fsops.write_file(MARKER, partial, b"")
    _note_left_out([(name, UNREADABLE) for name in refused], home)
    fsops.move(_PARTIAL, home, FILES, home)
    reach("gather.closed")
    return None


def _bring_file(entry: SourceEntry, source: int, partial: int) -> bool:
    """Whether the file is in the drop now. One that was replaced since the intent is left for the next gather."""
    if not is_same(entry, source):
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
    keep = any(kind == UNREADABLE for _, kind in _notes(home))
    left = release(record, root, drop, keep=keep)
    how = "renamed" if not swap and drop.inode == record.source.inode else "copied"
    if record.kind is DropKind.GATHERED:
        how = "gathered"
    data = [entry for entry in regular if entry.name != MARKER]
    size_bytes = min(sum(entry.size_bytes for entry in data), _MOST_BYTES)
    return Taken(how, len(data), size_bytes, left)


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
    with fsops.open_directory(FILES, home) as reading, _fresh_partial(home) as writing:
        for entry in drop.entries:
            if entry.kind is Kind.FILE:
                fsops.copy_file(entry.name, reading, entry.name, writing, may_change=True)
    _note_left_out(_no_files(drop), home)
    fsops.move(_PARTIAL, home, _COPIED, home)
    _finish_swap(home)


def _finish_swap(home: int) -> None:
    """Complete a swap that may have been cut off between its renames."""
    if fsops.exists(_COPIED, home):
        if fsops.exists(FILES, home):
            _clear_originals(home)
            fsops.move(FILES, home, _free_original(home), home)
        fsops.move(_COPIED, home, FILES, home)
    _clear_originals(home)


def _clear_originals(home: int) -> None:
    """Remove what was swapped out, as far as it goes: a directory in it may not be ours to empty."""
    for name in os.listdir(home):
        if name.startswith(_ORIGINAL):
            fsops.remove_tree(name, home)


def _free_original(home: int) -> str:
    """A name for what is swapped out; one that could not be removed must not stand in its way."""
    names = itertools.chain([_ORIGINAL], (f"{_ORIGINAL}.{number}" for number in itertools.count(2)))
    return next(name for name in names if not fsops.exists(name, home))


# --- what the validation is told --------------------------------------------------------------------------------------


def _no_files(epoch: EpochFacts) -> list[tuple[str, str]]:
    return [(entry.name, entry.kind.value) for entry in epoch.entries if entry.kind is not Kind.FILE]


def _note_left_out(entries: list[tuple[str, str]], home: int) -> None:
    if entries:
        notes = {"left_out": [{"name": safe_name(name), "kind": kind} for name, kind in entries]}
        fsops.write_file(CLAIM_NOTES, home, json.dumps(notes).encode())


def left_out(envelope: Path) -> tuple[tuple[str, str], ...]:
    """Name and kind of each entry that is not in the drop: no regular file when it was copied, or UNREADABLE."""
    try:
        with fsops.open_directory(envelope) as home:
            return _notes(home)
    except FileNotFoundError:
        return ()


def _notes(home: int) -> tuple[tuple[str, str], ...]:
    if not fsops.exists(CLAIM_NOTES, home):
        return ()
    with fsops.open_regular(CLAIM_NOTES, home) as fd, open(fd, "rb", closefd=False) as file:
        notes = json.load(file)
    return tuple((item["name"], item["kind"]) for item in notes["left_out"])


def discard_empty(envelope: Path) -> None:
    """Remove the envelope of a claim that took nothing; one that holds anything stays."""
    with contextlib.suppress(OSError):
        envelope.rmdir()
