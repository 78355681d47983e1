"""Brings a drop's files into its envelope: by renames, or by copies where a rename is refused."""

from __future__ import annotations

import errno
from dataclasses import dataclass
from pathlib import Path

from watcher import fsops
from watcher.failpoints import reach
from watcher.intake.envelope import FILES, PARTIAL, UNREADABLE, fresh_partial, note_entries, odd_entries
from watcher.intake.original import is_as_intended, is_out_of_sight, is_same
from watcher.intake.scanner import read_epoch
from watcher.model.facts import Entry, EpochFacts, Kind
from watcher.model.names import MARKER, safe_name
from watcher.model.records import DropKind, Record, SourceEntry

_COPYING = ".copying"
#: No trouble of ours that passes: the file's permissions, or a size that the stage's file system can't hold.
_REFUSED = frozenset({errno.EACCES, errno.EPERM, errno.EFBIG})
_RENAME_REFUSED = frozenset({errno.EACCES, errno.EPERM, errno.EXDEV, errno.EROFS, errno.EBUSY})


@dataclass(frozen=True, slots=True)
class NotYet:
    """The claim has begun but can't be finished now; nothing is lost."""

    reason: str


@dataclass(frozen=True, slots=True)
class Gone:
    """There is nothing to claim any more; nothing was taken."""

    reason: str


def bring(record: Record, root: Path, home: int, *, settle_for_copy: bool) -> NotYet | Gone | None:
    """Bring the drop into `files/` of its envelope; None once it is there whole. Raises OSError for our own trouble."""
    try:
        with fsops.open_root(root) as source:
            if record.kind is DropKind.EPOCH:
                return _bring_epoch(record, source, home, settle_for_copy=settle_for_copy)
            return _bring_files(record, source, home, settle_for_copy=settle_for_copy)
    except FileNotFoundError:
        return NotYet(f"the root {root} is not there")


# --- an epoch directory -----------------------------------------------------------------------------------------------


def _bring_epoch(record: Record, source: int, home: int, *, settle_for_copy: bool) -> NotYet | Gone | None:
    fsops.remove_tree(PARTIAL, home)
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
            with fresh_partial(home) as writing:
                stopped = _copy_entries(files, refused, reading, writing)
            if stopped is not None:
                return stopped
    if refused and not settle_for_copy:
        name, why = next(iter(refused.items()))
        return NotYet(f"{safe_name(name)} can't be read: {why}")
    again = read_epoch(epoch.name, source)
    if again is None or again.signature != epoch.signature:
        return NotYet("it changed while it was copied")
    note_entries([*odd_entries(epoch), *((name, UNREADABLE) for name in refused)], home)
    fsops.move(PARTIAL, home, FILES, home)
    reach("claim.copied")
    return None


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
    fsops.make_directory(PARTIAL, home)
    with fsops.open_directory(PARTIAL, home) as partial:
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
            fsops.remove_tree(PARTIAL, home)
            return Gone("the sender took the files away before they were gathered")
        if not fsops.exists(MARKER, partial):
            fsops.write_file(MARKER, partial, b"")
    note_entries([(name, UNREADABLE) for name in refused], home)
    fsops.move(PARTIAL, home, FILES, home)
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
