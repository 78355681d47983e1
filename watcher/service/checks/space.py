"""Room on the file systems of the work directory and the roots, in bytes and inodes, against what drops need."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from watcher.errors import JournalError
from watcher.model.names import safe_name
from watcher.service.checks.result import Result, ok, problem, warning
from watcher.service.checks.site import Site
from watcher.text import human_size

#: Below the first drops fail soon; below the second somebody should know. Of inodes likewise.
_LEAST_BYTES, _FEW_BYTES = 100 * 10**6, 10**9
_LEAST_INODES, _FEW_INODES = 1_000, 10_000
#: A copied claim needs its size once more, a report and a load's scratch as much again.
_COPIES = 3
_DROPS_SEEN = 500


@dataclass(frozen=True, slots=True)
class Room:
    """What a file system has left for us; `free_inodes` is None where it has no fixed number of them."""

    free_bytes: int
    free_inodes: int | None


def room_in(path: Path) -> Room:
    """The room at a path that is there."""
    status = os.statvfs(path)
    return Room(status.f_bavail * status.f_frsize, status.f_favail if status.f_files else None)


def check_space(site: Site) -> Iterator[Result]:
    """One result for each file system. The largest drop is what must fit."""
    largest = largest_drop(site)
    for path, names in _file_systems(site).items():
        yield judge(room_in(path), largest, f"{safe_name(str(path), 500)} ({', '.join(names)})")


def judge(room: Room, largest: int, where: str) -> Result:
    """What to say of this room if a drop takes `largest` bytes."""
    inodes = "" if room.free_inodes is None else f", {room.free_inodes:,} inodes"
    text = f"{where}: {human_size(room.free_bytes)}{inodes} free" + (
        f", the largest drop takes {human_size(largest)}" if largest else ""
    )
    if room.free_bytes < max(_LEAST_BYTES, largest) or _below(room.free_inodes, _LEAST_INODES):
        return problem("space", text, "make room: archive/ in the work directory holds what is loaded")
    if room.free_bytes < max(_FEW_BYTES, _COPIES * largest) or _below(room.free_inodes, _FEW_INODES):
        return warning("space", text, "make room soon: archive/ in the work directory holds what is loaded")
    return ok("space", text)


def _below(inodes: int | None, least: int) -> bool:
    return inodes is not None and inodes < least


def largest_drop(site: Site) -> int:
    """Bytes of the largest drop: of those that lie in a root, and of the last ones that came."""
    lying = [sum(e.size_bytes for e in epoch.entries) for facts in site.facts.values() for epoch in facts.epochs]
    return max((*lying, *_sizes_seen(site.settings.journal)), default=0)


def _sizes_seen(url: str) -> list[int]:
    from watcher.journal import open_journal  # noqa: PLC0415 (a heavy import)

    try:
        with open_journal(url, read_only=True) as journal:
            return [record.size_bytes or 0 for record in journal.history(limit=_DROPS_SEEN)]
    except JournalError:
        return []  # told by the check of the journal


def _file_systems(site: Site) -> dict[Path, list[str]]:
    """A path on each file system -> what lies there: the work directory, and how many roots."""
    work_dir = site.settings.work_dir
    there = work_dir if work_dir.exists() else next(path for path in work_dir.parents if path.exists())
    paths = {os.stat(there).st_dev: there}
    roots: dict[int, int] = {}
    for root in site.roots:
        facts = site.facts[root.id]
        if not facts.problem:
            paths.setdefault(facts.device, root.path)
            roots[facts.device] = roots.get(facts.device, 0) + 1
    names: dict[Path, list[str]] = {path: [] for path in paths.values()}
    names[there].append("work directory")
    for device, count in roots.items():
        names[paths[device]].append(f"{count:,} root{'' if count == 1 else 's'}")
    return names
