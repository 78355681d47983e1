"""Drops on a real disk, and the records that a claim of them would begin with."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from watcher.intake import envelope as envelope_module
from watcher.intake.scanner import scan
from watcher.model.facts import Entry, EpochFacts, LooseFacts, RootFacts
from watcher.model.names import MARKER
from watcher.model.records import DropKind, Record, Source, SourceEntry
from watcher.model.states import Folder, State

EPOCH = "20260901-020000"
STUDENTS = b"student_id,first_name\n100234,Maria\n"
GUARDIANS = b"guardian_id,name\nG-1,Ann\n"
FILES: Mapping[str, bytes] = {"students.csv": STUDENTS, "guardians.csv": GUARDIANS}
NOW = datetime(2026, 9, 1, 2, 10, tzinfo=UTC)


def drop(root: Path, name: str = EPOCH, files: Mapping[str, bytes] = FILES, *, marker: bool = True) -> Path:
    """An epoch directory with its files and, last, its marker."""
    folder = root / name
    folder.mkdir(parents=True)
    for file, content in files.items():
        (folder / file).write_bytes(content)
    if marker:
        (folder / MARKER).touch()
    return folder


def scanned(root: Path) -> RootFacts:
    facts = scan("lakeview", root)
    assert not facts.problem, facts.problem
    return facts


def epoch_of(root: Path, name: str = EPOCH) -> EpochFacts:
    return next(epoch for epoch in scanned(root).epochs if epoch.name == name)


def loose_of(root: Path, name: str) -> LooseFacts:
    return next(item for item in scanned(root).loose if item.entry.name == name)


def intent(root: Path, name: str = EPOCH) -> Record:
    """The record of a claim that is about to begin: the epoch's identity as it is now."""
    epoch = epoch_of(root, name)
    return _record(name, DropKind.EPOCH, Source(epoch.device, epoch.inode, tuple(map(_source_entry, epoch.entries))))


def gather_intent(root: Path, *names: str, epoch: str = EPOCH) -> Record:
    """The record of loose files (all that are to be gathered, or these) that are about to be gathered."""
    items = [item for item in scanned(root).loose if item.target and (not names or item.entry.name in names)]
    entries = tuple(replace(_source_entry(item.entry), target=item.target or "") for item in items)
    return _record(epoch, DropKind.GATHERED, Source(0, 0, entries))


def _source_entry(entry: Entry) -> SourceEntry:
    return SourceEntry(entry.name, entry.name, entry.inode, entry.size_bytes, entry.mtime_ns, entry.ctime_ns)


def _record(epoch: str, kind: DropKind, source: Source) -> Record:
    return Record(1, "lakeview", epoch, 1, kind, State.CLAIMING, NOW, NOW, Folder.STAGE, source)


def staged(envelope: Path) -> dict[str, bytes]:
    """What lies in the drop, the marker included; only regular files are read."""
    files = envelope / envelope_module.FILES
    return {item.name: item.read_bytes() for item in files.iterdir() if item.is_file() and not item.is_symlink()}


def names_in(folder: Path) -> list[str]:
    return sorted(os.listdir(folder)) if folder.is_dir() else []


def wait_for_tick(folder: Path) -> None:
    """Until the file system's clock has moved on: two changes within one of its ticks (4 ms) have the same ctime."""
    newest = max(path.lstat().st_ctime_ns for path in (folder, *folder.iterdir()))
    deadline = time.monotonic() + 60
    with tempfile.NamedTemporaryFile(dir=folder.parent.parent) as probe:
        while os.fstat(probe.fileno()).st_ctime_ns <= newest:
            assert time.monotonic() < deadline, "the file system's clock stands still"
            os.fchmod(probe.fileno(), 0o600)
