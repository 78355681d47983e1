"""What the service remembers of a root between two looks; all of it may be lost: disk and journal are the truth."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field

from watcher.intake.settle import Sighting
from watcher.intake.zipends import ZipEnds
from watcher.model.facts import LeaseLevel
from watcher.model.records import Attempt, Notice, Record, Request
from watcher.service.roots import Root
from watcher.service.tasks import LoadOutcome, Validated


@dataclass(frozen=True, slots=True)
class Work:
    """A task that a worker is at."""

    record: Record
    attempt: Attempt
    future: Future[Validated] | Future[LoadOutcome]


@dataclass(slots=True)
class Lane:
    """One root's place in the service. Only one thread at a time has it in hand."""

    root: Root
    sightings: Mapping[str, Sighting] = field(default_factory=dict)
    zip_ends: ZipEnds = field(default_factory=dict)
    work: Work | None = None
    requests: tuple[Request, ...] = ()
    #: somebody may have mended what drops wait for: the next look tries them at once
    hurries: bool = False
    #: no look since the start: then reports that wait are tried at once, also by `once`
    is_new: bool = True
    #: the root as the last look found it: device and inode, and whether anything was in it
    identity: tuple[int, int] | None = None
    had_entries: bool = False
    #: what was said last, so that it is said once
    problem: str = ""
    lease: LeaseLevel = LeaseLevel.UNKNOWN
    #: looks in a row in which an action met trouble of our own, and what the last of them met
    troubles: int = 0
    trouble: Notice | None = None
    #: looks in a row that failed as a whole
    failures: int = 0
