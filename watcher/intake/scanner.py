"""One look at one root: what lies there, by lstat, without opening a file and without following a link."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from watcher import fsops
from watcher.intake.results import way_to_results
from watcher.model.deliveries import USUAL_RULES, NameRules, recognise
from watcher.model.facts import Entry, EpochFacts, Kind, LooseFacts, RootFacts
from watcher.model.names import RESULTS_FOLDER, is_epoch_name

#: A directory with more entries is not taken: nobody's drop is that large, and it bounds a look. What was seen of it is
#: a part of the truth, and a part must never be acted upon.
MAX_ENTRIES = 20_000
_TOO_MANY = f"has more than {MAX_ENTRIES:,} entries"


def scan(root: str, path: Path, rules: NameRules = USUAL_RULES, *, may_be_link: bool = True) -> RootFacts:
    """The facts of a root, loose files told by its rules; one that can't be read has a `problem`, and raises nothing.

    Unless the path `may_be_link`, one that is a link can't be read.
    """
    try:
        with fsops.open_root(path) if may_be_link else fsops.open_directory(path) as fd:
            status = os.fstat(fd)
            entries, is_whole = _entries(fd)
            if not is_whole:
                return RootFacts(root, problem=f"{path} {_TOO_MANY}")
            epochs, loose = _read_root(entries, fd, rules)
            way = way_to_results(fd)
            return RootFacts(root, status.st_dev, status.st_ino, epochs, loose, way_to_results=way)
    except OSError as error:
        return RootFacts(root, problem=f"{path}: {error.strerror}")


def _read_root(
    entries: tuple[Entry, ...], fd: int, rules: NameRules
) -> tuple[tuple[EpochFacts, ...], tuple[LooseFacts, ...]]:
    epochs: list[EpochFacts] = []
    loose: list[LooseFacts] = []
    for entry in entries:
        if entry.name == RESULTS_FOLDER:
            continue
        if entry.kind is Kind.DIRECTORY and is_epoch_name(entry.name):
            facts = read_epoch(entry.name, fd)
            if facts is not None:
                epochs.append(facts)
        else:
            loose.append(_loose_facts(entry, rules))
    return tuple(epochs), tuple(loose)


def _loose_facts(entry: Entry, rules: NameRules) -> LooseFacts:
    delivery = recognise(entry.name, rules) if entry.kind is Kind.FILE else None
    if delivery is None:
        return LooseFacts(entry, None)
    return LooseFacts(entry, delivery.target, stamp=delivery.stamp, each=delivery.each)


def read_epoch(name: str, at: int) -> EpochFacts | None:
    """The facts of one epoch directory; None if it has vanished meanwhile."""
    try:
        with fsops.open_directory(name, at) as fd:
            status = os.fstat(fd)
            entries, is_whole = _entries(fd)
    except FileNotFoundError:
        return None
    except OSError as error:
        return _unreadable_epoch(name, at, error)
    changed_ns = max([status.st_ctime_ns, *(entry.ctime_ns for entry in entries)])
    problem = "" if is_whole else _TOO_MANY
    return EpochFacts(name, status.st_dev, status.st_ino, changed_ns, entries, problem=problem)


def _unreadable_epoch(name: str, at: int, error: OSError) -> EpochFacts | None:
    try:
        status = os.lstat(name, dir_fd=at)
    except OSError:
        return None
    problem = f"can't be listed: {error.strerror}"
    return EpochFacts(name, status.st_dev, status.st_ino, status.st_ctime_ns, (), problem=problem)


def _entries(fd: int) -> tuple[tuple[Entry, ...], bool]:
    """The entries of an open directory, by name, and whether these are all.

    One that vanishes between listing and lstat is left out.
    """
    found: list[Entry] = []
    is_whole = True
    with os.scandir(fd) as listing:
        for item in listing:
            if len(found) >= MAX_ENTRIES:
                is_whole = False
                break
            try:
                status = os.lstat(item.name, dir_fd=fd)
            except FileNotFoundError:
                continue
            found.append(entry_of(item.name, status))
    return tuple(sorted(found, key=lambda entry: entry.name)), is_whole


def entry_of(name: str, status: os.stat_result) -> Entry:
    """The value of a directory entry."""
    return Entry(
        name=name,
        kind=_kind(status.st_mode),
        inode=status.st_ino,
        size_bytes=status.st_size,
        mtime_ns=status.st_mtime_ns,
        ctime_ns=status.st_ctime_ns,
        links=status.st_nlink,
    )


def _kind(mode: int) -> Kind:
    match stat.S_IFMT(mode):
        case stat.S_IFREG:
            return Kind.FILE
        case stat.S_IFDIR:
            return Kind.DIRECTORY
        case stat.S_IFLNK:
            return Kind.SYMLINK
        case stat.S_IFIFO:
            return Kind.FIFO
        case stat.S_IFSOCK:
            return Kind.SOCKET
        case _:
            return Kind.DEVICE
