"""All that a plan is made from, in one hand, with what every part of the planner asks of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from watcher.errors import LONGEST_WAIT_SECONDS
from watcher.model.actions import WaitFor, Waiting
from watcher.model.facts import TEST_FILE_BYTES, EpochFacts, LooseFacts, RootFacts, Stillness
from watcher.model.names import safe_name
from watcher.model.records import DropKind, Record
from watcher.model.states import State
from watcher.service.policy import Policy, RootRecords


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

    def rest_wait(self, item: LooseFacts) -> Waiting | None:
        """Why a loose file waits to be left in peace."""
        subject = safe_name(item.entry.name)
        still = self.still_wait(subject, item.still.seconds, self.policy.gather_settle_seconds)
        return still or self.writer_wait(subject, item.still)

    def files_to_gather(self) -> tuple[LooseFacts, ...]:
        """Loose files under names that are known, as far as they were not taken; none while a gather is under way."""
        if any(r.state is State.CLAIMING and r.kind is DropKind.GATHERED for r in self.records.open):
            return ()
        taken = {entry.signature for record in self.records.left for entry in record.source.entries}
        return tuple(i for i in self.facts.loose if i.target is not None and i.entry.signature not in taken)

    def named_tests(self) -> tuple[LooseFacts, ...]:
        """Connection tests under names that are known: files of one byte, where nothing else came under such a name.

        An empty file is none of these: an export that went wrong is often empty, and somebody should hear of it.
        """
        files = self.files_to_gather()
        return files if all(item.entry.size_bytes == TEST_FILE_BYTES for item in files) else ()

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
        seconds = (record.retry_at - self.now).total_seconds()
        reason = f"{self._last_try(record)}; next try at {self.shown(record.retry_at)}"
        return Waiting(record.epoch, waits_for, reason, seconds)

    def _last_try(self, record: Record) -> str:
        """What came of it. It is told with its time: since then the reason may have been mended."""
        if not record.reason:
            return "it is tried again"
        tried = self.records.tried.get(record.id)
        return f"at the last try{f', {self.shown(tried)}' if tried else ''}: {record.reason}"

    def shown(self, moment: datetime | None) -> str:
        """A time as it is told, in the zone of `now`; `-` for none."""
        return f"{moment.astimezone(self.now.tzinfo):%Y-%m-%d %H:%M:%S}" if moment else "-"

    def age(self, moment: datetime) -> float:
        return (self.now - moment).total_seconds()

    def seconds_since(self, nanoseconds: int) -> float:
        return max(self.now.timestamp() - nanoseconds / 1e9, 0.0)
