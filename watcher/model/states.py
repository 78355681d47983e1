"""The states of a claimed drop and the one table of how they follow each other.

*Arriving, complete, settled* are no states: they are facts, read off the disk at each look.
"""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """What is true of a drop that the journal knows."""

    #: the intent to take it is written; it lies in the root, in stage, or (gathered files) partly in both
    CLAIMING = "claiming"
    #: it lies whole in stage, out of the sender's reach
    CLAIMED = "claimed"
    #: it was validated and no error was found; not every loader has it yet
    ACCEPTED = "accepted"
    #: a loader asked for another try later
    DEFERRED = "deferred"
    #: it waits for a person
    HELD = "held"
    #: every loader has it
    LOADED = "loaded"
    #: validation found errors; the report says which
    REJECTED = "rejected"
    #: our side gave up on it; the reason says why
    FAILED = "failed"
    #: a newer drop took its place before it was loaded
    SUPERSEDED = "superseded"
    #: the sender took it away before it could be claimed
    WITHDRAWN = "withdrawn"


class Folder(StrEnum):
    """Where a drop lies in the work directory; follows from its state."""

    STAGE = "stage"
    ARCHIVE = "archive"
    REJECTED = "rejected"
    HELD = "held"
    FAILED = "failed"


#: The only steps that the journal will write. A replay is the step back to CLAIMED.
TRANSITIONS: dict[State, frozenset[State]] = {
    State.CLAIMING: frozenset({State.CLAIMED, State.WITHDRAWN, State.FAILED}),
    State.CLAIMED: frozenset({State.ACCEPTED, State.REJECTED, State.FAILED, State.SUPERSEDED}),
    State.ACCEPTED: frozenset(
        {State.LOADED, State.DEFERRED, State.HELD, State.REJECTED, State.FAILED, State.SUPERSEDED}
    ),
    State.DEFERRED: frozenset(
        {State.ACCEPTED, State.LOADED, State.HELD, State.REJECTED, State.FAILED, State.SUPERSEDED}
    ),
    State.HELD: frozenset({State.CLAIMED, State.REJECTED, State.SUPERSEDED}),
    State.LOADED: frozenset({State.CLAIMED}),
    State.REJECTED: frozenset({State.CLAIMED}),
    State.FAILED: frozenset({State.CLAIMED}),
    State.SUPERSEDED: frozenset({State.CLAIMED}),
    State.WITHDRAWN: frozenset(),
}

#: States in which the service still has something to do by itself.
OPEN_STATES = frozenset({State.CLAIMING, State.CLAIMED, State.ACCEPTED, State.DEFERRED})

_FOLDERS = {
    State.LOADED: Folder.ARCHIVE,
    State.SUPERSEDED: Folder.ARCHIVE,
    State.REJECTED: Folder.REJECTED,
    State.HELD: Folder.HELD,
    State.FAILED: Folder.FAILED,
}


def folder_of(state: State) -> Folder:
    """The folder in which a drop of this state belongs: stage while it is open."""
    return _FOLDERS.get(state, Folder.STAGE)


def may_follow(before: State, after: State) -> bool:
    """Whether the transition table allows this step."""
    return after in TRANSITIONS[before]
