"""What can go wrong with a single call, told apart from a journal that can't be had at all."""

from __future__ import annotations

from watcher.errors import JournalError
from watcher.model.states import State


class NoSuchRecord(JournalError):  # noqa: N818 (reads as what is true)
    """No record has this number."""

    def __init__(self, record_id: int) -> None:
        super().__init__(f"the journal has no record {record_id}")
        self.record_id = record_id


class StaleRecord(JournalError):  # noqa: N818 (reads as what is true)
    """The record has moved on since the caller read it: nothing was written; look again, then decide again."""

    def __init__(self, record_id: int, *, seen: tuple[State, int], stored: tuple[State, int]) -> None:
        super().__init__(
            f"record {record_id} was seen as {seen[0]} (run {seen[1]}), but the journal has it as"
            f" {stored[0]} (run {stored[1]})"
        )
        self.record_id = record_id
        self.seen = seen
        self.stored = stored


class ForbiddenMove(JournalError):  # noqa: N818 (reads as what is true)
    """The transition table does not know this step: a fault of the caller."""

    def __init__(self, record_id: int, before: State, after: State) -> None:
        super().__init__(f"record {record_id} can't move from {before} to {after}")
        self.record_id = record_id
        self.before = before
        self.after = after
