"""The loose files of a root by kind: which is the newest of each, and whether those are of one day.

Of several files of one kind (one name in the epoch) the newest is told by the date in its name, then by its time of
change, then by its name. Where some have a date and others none, one without a date is as old as its last modification
in the service's local time, and a day of which no hour is known has that of the modification: else whoever takes the
date off his names would send the oldest file for ever. A connection test under the name of a file is never the newest.

Files of one drop that have dates should have one day. That of a file that stands for itself (`each`) says nothing of
the others; nor does a file without a date: a client may keep the times of an export, or not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from watcher.model.deliveries import day_of, moment_of, stamp_order
from watcher.model.facts import TEST_FILE_BYTES, Entry, LooseFacts

_Age = tuple[bool, tuple[str, int], int, str]


@dataclass(frozen=True, slots=True)
class Pile:
    """All files of one kind, newest first, and the one whose place none of them took: None where each counts."""

    files: tuple[LooseFacts, ...]
    whole: LooseFacts | None

    def is_outdated(self, item: LooseFacts) -> bool:
        """Whether a newer one took the place of this one of them."""
        return not item.each and item is not self.whole


def piles_of(files: Iterable[LooseFacts], zone: tzinfo | None) -> dict[str, Pile]:
    """The files by their name in the epoch; `zone` is that of the dates in names."""
    kinds: dict[str, list[LooseFacts]] = {}
    for item in files:
        kinds.setdefault(str(item.target), []).append(item)
    return {name: _pile(kind, zone) for name, kind in kinds.items()}


def _pile(kind: Sequence[LooseFacts], zone: tzinfo | None) -> Pile:
    is_mixed = any(item.stamp for item in kind) and not all(item.stamp for item in kind)

    def age(item: LooseFacts) -> _Age:
        entry = item.entry
        made = moment_of(item.stamp, _modified(entry, zone)) if is_mixed else item.stamp
        return entry.size_bytes > TEST_FILE_BYTES, stamp_order(made), entry.mtime_ns, entry.name

    files = tuple(sorted(kind, key=age, reverse=True))
    return Pile(files, next((item for item in files if not item.each), None))


def _modified(entry: Entry, zone: tzinfo | None) -> str:
    """The local time of the last modification, in 14 digits; empty where no calendar has it.

    That is the sender's to set; but no file was made after it came, which the kernel notes by its own clock.
    """
    try:
        when = datetime.fromtimestamp(min(entry.mtime_ns, entry.ctime_ns) // 10**9, zone)
    except (ValueError, OverflowError, OSError):
        return ""
    return f"{when.year:04}{when:%m%d%H%M%S}"


def latest_day(items: Iterable[LooseFacts]) -> str:
    """The latest day of those that are to be of one day, in eight digits; empty if none has a date."""
    return max(map(_common_day, items), default="")


def behind(items: Iterable[LooseFacts], day: str) -> tuple[LooseFacts, ...]:
    """Those of them that are of an earlier day than this one."""
    return tuple(item for item in items if "" < _common_day(item) < day)


def mixed(items: Sequence[LooseFacts]) -> tuple[str, ...]:
    """The names in the epoch of all that have a date, where these are not of one day; else none."""
    if not behind(items, latest_day(items)):
        return ()
    return tuple(str(item.target) for item in items if _common_day(item))


def _common_day(item: LooseFacts) -> str:
    """The day that it should share with the others; empty where it need not."""
    return "" if item.each else day_of(item.stamp)
