"""The sender's original: whether it is still the one that was meant, and what becomes of it once its content is taken.

What was copied is removed; what can't be, or what may only be out of sight at the moment, is remembered, so that the
same drop is not taken twice. Devices are numbered anew by a reboot (NFS, device mapper): inode and entries decide.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path

from watcher import fsops
from watcher.intake.scanner import read_epoch
from watcher.model.facts import Entry, EpochFacts
from watcher.model.records import DropKind, Record, SourceEntry


def is_as_intended(epoch: EpochFacts, record: Record) -> bool:
    """Whether an epoch directory is the one of the intent, whole, and nothing in it has changed."""
    if epoch.problem or epoch.inode != record.source.inode:
        return False
    return {entry.signature for entry in epoch.entries} == {entry.signature for entry in record.source.entries}


def is_same(entry: Entry | SourceEntry, at: int) -> bool:
    """Whether the entry of that name is still the very one, unchanged."""
    try:
        status = os.lstat(entry.name, dir_fd=at)
    except FileNotFoundError:
        return False
    seen = (entry.name, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
    return seen == entry.signature


def is_out_of_sight(names: Iterable[str], record: Record, source: int) -> bool:
    """Whether the root is another file system than the intent's and has none of these names: a mount may be missing.

    A new number alone says nothing; and a root to which the sender has uploaded again is the right one.
    """
    device = record.source.device
    if device in (0, os.fstat(source).st_dev):
        return False
    return not any(fsops.exists(name, source) for name in names)


def release(record: Record, root: Path, drop: EpochFacts, *, keep: bool) -> bool:
    """Remove from the root what was copied; whether any of that is, or may be, still there.

    Args:
        drop: the files as they lie in the envelope, before any of them was put on a fresh inode.
        keep: some of it could not be read and was not taken: then an epoch stays as it is, for a drop of its own
            when the sender has mended it.
    """
    was_copied = _was_copied(record, drop)
    with contextlib.ExitStack() as stack:
        try:
            source = stack.enter_context(fsops.open_root(root))
        except OSError:
            return was_copied
        if was_copied and is_out_of_sight(_names(record), record, source):
            return True
        if record.kind is DropKind.GATHERED:
            taken = [entry for entry in record.source.entries if entry.target in drop.names]
            return _remove_same(taken, source) or keep
        return keep or _release_epoch(record, source)


def _names(record: Record) -> tuple[str, ...]:
    if record.kind is DropKind.EPOCH:
        return (record.epoch,)
    return tuple(entry.name for entry in record.source.entries)


def _was_copied(record: Record, drop: EpochFacts) -> bool:
    """A rename keeps device and inode. In doubt (a device of another number) it counts as copied."""
    source = record.source
    if source.device not in (0, drop.device):
        return True
    if record.kind is DropKind.EPOCH:
        return drop.inode != source.inode
    inodes = {entry.name: entry.inode for entry in drop.entries}
    return any(inodes.get(entry.target, entry.inode) != entry.inode for entry in source.entries)


def _release_epoch(record: Record, source: int) -> bool:
    epoch = read_epoch(record.epoch, source)
    if epoch is None or epoch.inode != record.source.inode:
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


def _remove_same(entries: Iterable[SourceEntry], at: int) -> bool:
    """Unlink the entries that are still the very ones that were taken; whether any of those had to stay."""
    stayed = [entry for entry in entries if is_same(entry, at) and not fsops.remove(entry.name, at)]
    return bool(stayed)
