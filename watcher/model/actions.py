"""What a plan may consist of. Each action is performed by one function in `watcher.service.perform`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from watcher.model.facts import Entry, EpochFacts, LooseFacts
from watcher.model.records import Notice, NoticeKey, Record


@dataclass(frozen=True, slots=True)
class Claim:
    """Take a settled epoch out of the sender's reach."""

    epoch: EpochFacts


@dataclass(frozen=True, slots=True)
class Gather:
    """Make an epoch of settled loose files. `missing` are those that were expected and did not come in time.

    With `newer` these are older ones of the same kind as files that lie beside them: they are taken out and kept.
    `older` counts, by the name in the epoch, what is set aside so for the files of this gather.
    `mixed` are the names in the epoch of the files with dates, where these are of different days.
    """

    files: tuple[LooseFacts, ...]
    missing: tuple[str, ...] = ()
    newer: tuple[str, ...] = ()
    older: Mapping[str, int] = field(default_factory=dict)
    mixed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ResumeClaim:
    """Go on with a claim whose intent is written; with `settle_for_copy` without waiting for writers any longer."""

    record: Record
    settle_for_copy: bool = False


@dataclass(frozen=True, slots=True)
class ForgetSource:
    """The sender's original that could not be removed is gone at last."""

    record: Record


@dataclass(frozen=True, slots=True)
class Validate:
    """Judge a claimed drop, in a worker."""

    record: Record


@dataclass(frozen=True, slots=True)
class Load:
    """Hand an accepted drop to one loader, in a worker."""

    record: Record
    loader: str


@dataclass(frozen=True, slots=True)
class Finish:
    """Every loader has it: it is loaded."""

    record: Record


@dataclass(frozen=True, slots=True)
class Hold:
    """Set a drop aside for a person."""

    record: Record
    reason: str


@dataclass(frozen=True, slots=True)
class Supersede:
    """Keep a drop whose place newer files took."""

    record: Record
    reason: str


@dataclass(frozen=True, slots=True)
class Reject:
    """Refuse an accepted drop for what it is among others, not for what is in it."""

    record: Record
    reason: str


@dataclass(frozen=True, slots=True)
class Fail:
    """Give up on a drop, on our side."""

    record: Record
    reason: str


@dataclass(frozen=True, slots=True)
class FileAway:
    """Move a drop's folder to where its state says."""

    record: Record


@dataclass(frozen=True, slots=True)
class Deliver:
    """Put the report where the sender can read it."""

    record: Record


@dataclass(frozen=True, slots=True)
class Tell:
    """Say something about the root once."""

    notice: Notice


@dataclass(frozen=True, slots=True)
class ForgetNotices:
    """Drop what was said of things that are gone: when they come back it is said anew."""

    gone: frozenset[NoticeKey]


@dataclass(frozen=True, slots=True)
class RemoveTest:
    """Remove a sender's connection test file."""

    entry: Entry


Action = (
    Claim
    | Gather
    | ResumeClaim
    | ForgetSource
    | Validate
    | Load
    | Finish
    | Hold
    | Supersede
    | Reject
    | Fail
    | FileAway
    | Deliver
    | Tell
    | ForgetNotices
    | RemoveTest
)


class WaitFor(StrEnum):
    """What a drop is waiting for."""

    #: the sender's marker
    MARKER = "marker"
    #: the drop to stand still
    SETTLE = "settle"
    #: a file under a temporary name to get its own
    UPLOAD = "upload"
    #: a process to close a file that it has open for writing
    WRITER = "writer"
    #: files that belong with those that are there
    FILES = "files"
    #: another drop of the same root, which comes first
    TURN = "turn"
    #: a worker that is at it
    WORK = "work"
    #: the time of the next try
    RETRY = "retry"
    #: the root or the directory to be readable
    ACCESS = "access"
    #: a person
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Waiting:
    """Why nothing is done about something now.

    `seconds` until the next look is worth it; None if only a change from outside helps.
    """

    subject: str
    waits_for: WaitFor
    reason: str
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do about a root now, in order, and why the rest waits."""

    actions: tuple[Action, ...] = ()
    waits: tuple[Waiting, ...] = ()

    @property
    def next_look_seconds(self) -> float | None:
        """Seconds until the next look is due by the plan alone; None if only a hint or the rescan brings one."""
        due = [wait.seconds for wait in self.waits if wait.seconds is not None]
        return min(due) if due else None
