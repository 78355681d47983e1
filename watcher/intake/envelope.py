"""The folder of ours in which a drop lies: `files/` with what was taken, and notes on what was not.

<envelope>/files/           as soon as the drop is whole
<envelope>/files.partial/   while it is gathered or copied
<envelope>/claim.json       only if something had to be left out
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from watcher import fsops
from watcher.model.facts import EpochFacts, Kind
from watcher.model.names import safe_name

FILES = "files"
PARTIAL = "files.partial"
CLAIM_NOTES = "claim.json"
#: The kind, in those notes, of a regular file that could not be read.
UNREADABLE = "unreadable file"


@contextlib.contextmanager
def fresh_partial(home: int) -> Iterator[int]:
    """An empty folder to copy into, synced at the end. A copy that breaks off leaves no part to fill the disk."""
    fsops.remove_tree(PARTIAL, home)
    fsops.make_directory(PARTIAL, home)
    try:
        with fsops.open_directory(PARTIAL, home) as writing:
            yield writing
            os.fsync(writing)
    except OSError:
        fsops.remove_tree(PARTIAL, home)
        raise


def no_files(epoch: EpochFacts) -> list[tuple[str, str]]:
    """Name and kind of each entry that is no regular file."""
    return [(entry.name, entry.kind.value) for entry in epoch.entries if entry.kind is not Kind.FILE]


def note_left_out(entries: Iterable[tuple[str, str]], home: int) -> None:
    """Remember, by name and kind, what is not in the drop."""
    listed = [{"name": safe_name(name), "kind": kind} for name, kind in entries]
    if listed:
        fsops.write_file(CLAIM_NOTES, home, json.dumps({"left_out": listed}).encode())


def left_out(envelope: Path) -> tuple[tuple[str, str], ...]:
    """Name and kind of each entry that is not in the drop: no regular file when it was copied, or UNREADABLE."""
    try:
        with fsops.open_directory(envelope) as home:
            return notes_of(home)
    except FileNotFoundError:
        return ()


def notes_of(home: int) -> tuple[tuple[str, str], ...]:
    """The same of an open envelope."""
    if not fsops.exists(CLAIM_NOTES, home):
        return ()
    with fsops.open_regular(CLAIM_NOTES, home) as fd, open(fd, "rb", closefd=False) as file:
        notes = json.load(file)
    return tuple((item["name"], item["kind"]) for item in notes["left_out"])


def discard_empty(envelope: Path) -> None:
    """Remove the envelope of a claim that took nothing; one that holds anything stays."""
    with contextlib.suppress(OSError):
        envelope.rmdir()
