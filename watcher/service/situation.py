"""All that a plan is made from, in one hand, with what every part of the planner asks of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from watcher.model.actions import WaitFor, Waiting
from watcher.model.facts import EpochFacts, RootFacts, Stillness
from watcher.model.names import safe_name
from watcher.model.records import Record
from watcher.service.policy import Policy, RootRecords

#: No try is put off for longer, whoever asks for it (`watcher.loading.checked` holds loaders to it).
LONGEST_WAIT_SECONDS = 86_400.0


@dataclass(frozen=True, slots=True)
class Situation:
    """One look's facts, what the journal knows, what the operator wants, and the time in the zone that is shown."""

    facts: RootFacts
    records: RootRecords
    policy: Policy
    now: datetime

    def still_wait(self, subject: str, still: float, needed: float) -> Waiting | None:
        if still >= needed:
            return None
        reason = f"has stood still for {still:.1f} of {needed:g} seconds"
        return Waiting(subject, WaitFor.SETTLE, reason, min(needed - still, max(needed / 4, 0.2)))

    def writer_wait(self, subject: str, still: Stillness) -> Waiting | None:
        """A connection that died may hold a file open for ever: after a while nothing more is expected to come."""
        writers = still.writers
        if not writers or still.seconds >= self.policy.gather_timeout_seconds:
            return None
        reason = f"{safe_name(writers[0])} is still open for writing"
        return Waiting(subject, WaitFor.WRITER, reason, max(self.policy.settle_seconds / 4, 0.2))

    def is_taken_epoch(self, epoch: EpochFacts) -> bool:
        """Whether it is an original that we copied and could not remove: nothing in it but what was taken."""
        here = {entry.signature for entry in epoch.entries}
        # Not by the device: a network share or a mapped disk may get another number at the next boot.
        return any(
            record.source.inode == epoch.inode and here <= {entry.signature for entry in record.source.entries}
            for record in self.records.left
        )

    def is_stale(self, epoch: EpochFacts) -> bool:
        return self.seconds_since(epoch.changed_ns) >= self.policy.stale_seconds

    def retry_wait(self, record: Record, waits_for: WaitFor) -> Waiting | None:
        if record.retry_at is None or record.retry_at <= self.now:
            return None
        if (record.retry_at - self.now).total_seconds() > LONGEST_WAIT_SECONDS:
            return None  # no wait is that long: the clock was put back since
        reason = record.reason or "it is tried again"
        at = record.retry_at.astimezone(self.now.tzinfo)
        seconds = (record.retry_at - self.now).total_seconds()
        return Waiting(record.epoch, waits_for, f"{reason}; next try at {at:%H:%M:%S}", seconds)

    def age(self, moment: datetime) -> float:
        return (self.now - moment).total_seconds()

    def seconds_since(self, nanoseconds: int) -> float:
        return max(self.now.timestamp() - nanoseconds / 1e9, 0.0)
