"""The folder of ours in which a drop lies: `files/` with what was taken, and notes on what was not.

<envelope>/files/           as soon as the drop is whole
<envelope>/files.partial/   while it is gathered or copied
<envelope>/claim.json       only if something in the drop was odd
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
#: The kind of a file that had another name elsewhere: its content was copied, so that nobody can change it there.
HARD_LINK = "hard link"


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


def odd_entries(epoch: EpochFacts) -> list[tuple[str, str]]:
    """Name and kind of each entry that is no regular file, or has another name elsewhere."""
    others = [(entry.name, entry.kind.value) for entry in epoch.entries if entry.kind is not Kind.FILE]
    linked = [(entry.name, HARD_LINK) for entry in epoch.entries if entry.kind is Kind.FILE and entry.links > 1]
    return others + linked


def note_entries(entries: Iterable[tuple[str, str]], home: int) -> None:
    """Remember, by name and kind, what the sender is to be told of, beside what is remembered already."""
    noted = notes_of(home)
    every = dict.fromkeys([*noted, *((safe_name(name), kind) for name, kind in entries)])
    if len(every) > len(noted):
        content = {"entries": [{"name": name, "kind": kind} for name, kind in every]}
        fsops.write_file(CLAIM_NOTES, home, json.dumps(content).encode())


def claim_notes(envelope: Path) -> tuple[tuple[str, str], ...]:
    """Name and kind of each odd entry: no regular file and left out of a copy, UNREADABLE and left out, HARD_LINK."""
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
    return tuple((item["name"], item["kind"]) for item in notes["entries"])


def discard_empty(envelope: Path) -> None:
    """Remove the envelope of a claim that took nothing; one that holds anything stays."""
    with contextlib.suppress(OSError):
        envelope.rmdir()
