"""Makes sure that nobody can change a drop that lies in its envelope, and that it survives a power cut."""

from __future__ import annotations

import contextlib
import itertools
import os

from watcher import fsops
from watcher.fsops import Writer
from watcher.intake.bring import NotYet
from watcher.intake.envelope import FILES, PARTIAL, fresh_partial, note_entries, odd_entries
from watcher.model.facts import Entry, EpochFacts, Kind
from watcher.model.names import safe_name

_COPIED = "files.copied"
_ORIGINAL = "original"


def secure(drop: EpochFacts, home: int, *, settle_for_copy: bool) -> bool | NotYet:
    """Leave only regular files with one link that nobody has open for writing; whether they had to be copied for that.

    Raises OSError for trouble of our own.
    """
    regular = tuple(entry for entry in drop.entries if entry.kind is Kind.FILE)
    with fsops.open_directory(FILES, home) as fd:
        writers = {entry.name: fsops.writer_of(entry.name, fd) for entry in regular}
        readable = all(_can_read(entry.name, fd) for entry in regular)
    still_open = [name for name, writer in writers.items() if writer is Writer.OPEN]
    if still_open and not settle_for_copy:
        return NotYet(f"{safe_name(still_open[0])} is still open for writing")
    is_safe = all(writer is Writer.NONE for writer in writers.values()) and all(e.links == 1 for e in regular)
    # What can't be read can't be copied: the drop stays as it is, and the validation refuses it for that.
    if is_safe or not readable:
        _sync(regular, home)
        return False
    _swap_for_copy(drop, home)
    return True


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
    with fsops.open_directory(FILES, home) as reading, fresh_partial(home) as writing:
        for entry in drop.entries:
            if entry.kind is Kind.FILE:
                fsops.copy_file(entry.name, reading, entry.name, writing, may_change=True)
    note_entries(odd_entries(drop), home)
    fsops.move(PARTIAL, home, _COPIED, home)
    finish_swap(home)


def finish_swap(home: int) -> None:
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
