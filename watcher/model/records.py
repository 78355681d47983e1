"""What the journal remembers of a drop."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from watcher.model.deliveries import day_of
from watcher.model.facts import Signature
from watcher.model.names import safe_name
from watcher.model.states import Folder, State, folder_of


class DropKind(StrEnum):
    """How a drop came."""

    #: a directory named by date and time, closed by its marker
    EPOCH = "epoch"
    #: loose files of the root, made into an epoch by us
    GATHERED = "gathered"


class Step(StrEnum):
    """Work that is counted before it starts."""

    #: the drop is judged, in a worker
    VALIDATE = "validate"
    #: one loader gets it, in a worker
    LOAD = "load"


class Ending(StrEnum):
    """How an attempt ended. An attempt without one was cut off."""

    #: the step did what it is for, whatever the verdict
    DONE = "done"
    #: the loader asked for a later try
    DEFERRED = "deferred"
    #: the step raised, was killed, ran out of time or memory
    BROKE = "broke"
    #: the service stopped it in good order; does not count against the epoch
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class SourceEntry:
    """A directory entry as it was when the claim was planned; enough to know it again.

    `target` is its name in the epoch (suffix and date taken off for gathered files), `stamp` the digits of the date in
    its name. `older` is how many older files of the same target lay beside it and were set aside for it.
    """

    name: str
    target: str
    inode: int
    size_bytes: int
    mtime_ns: int
    ctime_ns: int
    stamp: str = ""
    older: int = 0

    @property
    def signature(self) -> Signature:
        """The same as that of the entry itself, while it is unchanged."""
        return (self.name, self.inode, self.size_bytes, self.mtime_ns, self.ctime_ns)


@dataclass(frozen=True, slots=True)
class Source:
    """What a claim took: the epoch directory's identity and every entry; for gathered files the root's device, and 0.

    A device's number may be another after a reboot: what tells an original again are its inode and its entries.
    """

    device: int
    inode: int
    entries: tuple[SourceEntry, ...]
    #: files that `expect` lists and that had not come when the time was over
    missing: tuple[str, ...] = ()
    #: newer files that lay beside these, by the names that they came under: then this drop is only kept
    newer: tuple[str, ...] = ()
    #: names in the epoch of the files with a date in their name, where these are of different days
    mixed: tuple[str, ...] = ()

    @property
    def days(self) -> tuple[tuple[str, str], ...]:
        """Of each file of a mixed drop the printable name that it came under, and its day in eight digits."""
        mixed = frozenset(self.mixed)
        return tuple((safe_name(e.name), day_of(e.stamp)) for e in self.entries if e.target in mixed)


@dataclass(frozen=True, slots=True)
class Record:
    """One claimed drop, as the journal has it. Times are UTC.

    `take` is 1 for the first drop of this epoch name in this root, 2 for the next; `run` grows with each replay.
    `place` is the folder where it lies; it differs from the state's folder only until the next look moves it.
    `source_left` is true while the sender's original could not be removed. `delivered` tells whether the sender's copy
    of the report was seen to. `key` is the idempotency key, known once validated.
    """

    id: int
    root: str
    epoch: str
    take: int
    kind: DropKind
    state: State
    since: datetime
    created: datetime
    place: Folder
    source: Source
    run: int = 1
    dataset: str | None = None
    key: str | None = None
    reason: str = ""
    retry_at: datetime | None = None
    deferrals: int = 0
    source_left: bool = False
    delivered: bool = False
    loaded_by: tuple[str, ...] = ()
    files: int | None = None
    size_bytes: int | None = None
    rows: int | None = None
    errors: int | None = None
    warnings: int | None = None

    @property
    def folder_name(self) -> str:
        """Its directory's name in every folder: the epoch, with the take behind it from the second on."""
        return self.epoch if self.take == 1 else f"{self.epoch}.{self.take}"

    @property
    def came_as(self) -> tuple[str, ...]:
        """The names under which loose files lay in the root, printable; of an epoch directory none."""
        if self.kind is not DropKind.GATHERED:
            return ()
        return tuple(sorted(safe_name(entry.name) for entry in self.source.entries))

    @property
    def is_outdated(self) -> bool:
        """Whether newer files took its place when it was gathered, and nobody asked for it since."""
        return bool(self.source.newer) and self.run == 1 and self.state in (State.CLAIMING, State.CLAIMED)

    def waits_for_a_try(self, now: datetime) -> bool:
        """Whether its validation or load is put off to a later time, after one that could not be done."""
        is_worked_on = self.state in (State.CLAIMED, State.ACCEPTED, State.DEFERRED)
        return is_worked_on and self.retry_at is not None and self.retry_at > now

    @property
    def is_misplaced(self) -> bool:
        """Whether it lies elsewhere than its state says."""
        return self.state is not State.WITHDRAWN and self.place is not folder_of(self.state)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at one step of one record, written before the work starts."""

    id: int
    record_id: int
    run: int
    step: Step
    loader: str | None
    started: datetime
    ended: datetime | None = None
    ending: Ending | None = None
    reason: str = ""

    @property
    def counts(self) -> bool:
        """Whether it counts against the epoch: it broke, or it never ended."""
        return self.ending in (None, Ending.BROKE)


@dataclass(frozen=True, slots=True)
class Transition:
    """One line of a record's history; `before` is None for the first."""

    record_id: int
    at: datetime
    before: State | None
    after: State
    reason: str


#: (kind, subject, identity): what makes two notices of a root the same, whatever their text.
NoticeKey = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Notice:
    """Something in a root that a person should know, said once: `subject` is the entry, `kind` a stable word.

    `identity` changes when the thing itself changes, so that it is said anew.
    """

    root: str
    kind: str
    subject: str
    identity: str
    text: str

    @property
    def key(self) -> NoticeKey:
        """The same for two of one root that say the same thing."""
        return (self.kind, self.subject, self.identity)


class RequestKind(StrEnum):
    """What a person asked for from another process."""

    #: run an epoch again from validation on
    REPLAY = "replay"


@dataclass(frozen=True, slots=True)
class Request:
    """A wish of a person, waiting in the journal for the service's next look."""

    id: int
    kind: RequestKind
    record_id: int
    root: str
    by: str
    at: datetime
