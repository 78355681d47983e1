"""Decides what to do about a root: a pure, total function of facts, records, policy and time.

It opens nothing, raises nothing for odd input, and says of everything it leaves alone why it waits. `explain` prints
its plan; the service performs it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from watcher.config import Late
from watcher.model.actions import (
    Action,
    Claim,
    Deliver,
    Fail,
    FileAway,
    Finish,
    ForgetSource,
    Gather,
    Hold,
    Load,
    Plan,
    Reject,
    ResumeClaim,
    Validate,
    WaitFor,
    Waiting,
)
from watcher.model.facts import EpochFacts, LooseFacts, RootFacts, Stillness
from watcher.model.names import MARKER, is_near_marker, is_temporary_name, is_uploading_name, safe_name
from watcher.model.records import DropKind, Record, Step
from watcher.model.states import State
from watcher.service import noticing
from watcher.service.policy import Policy, RootRecords

#: Claims in one look, so that a root with hundreds of epochs lets others have a turn.
CLAIMS_PER_LOOK = 10
#: No try is put off for longer, whoever asks for it (`watcher.loading.checked` holds loaders to it).
LONGEST_WAIT_SECONDS = 86_400.0


def plan(facts: RootFacts, records: RootRecords, policy: Policy, now: datetime) -> Plan:
    """What to do now, in order, and why the rest waits. `now` is in the zone in which times are shown."""
    draft = _Draft(facts, records, policy, now)
    steps = (draft.tidy, draft.resume, draft.claim, draft.gather, draft.work, draft.tell)
    actions: list[Action] = []
    for step in steps:
        for item in step():
            if isinstance(item, Waiting):
                draft.waits.append(item)
            else:
                actions.append(item)
    return Plan(tuple(actions), tuple(draft.waits))


_Steps = Iterator[Action | Waiting]


@dataclass(slots=True)
class _Draft:
    facts: RootFacts
    records: RootRecords
    policy: Policy
    now: datetime
    waits: list[Waiting] = field(default_factory=list)

    # --- what is finished is put in its place ---

    def tidy(self) -> _Steps:
        for record in self.records.open:
            if record.is_misplaced:
                yield FileAway(record)
            elif record.state in _REPORTED and not record.delivered:
                if self.facts.problem:
                    yield Waiting(record.epoch, WaitFor.ACCESS, "the report is ready, the root is unavailable")
                else:
                    yield Deliver(record)
        if not self.facts.problem:
            here = {epoch.name for epoch in self.facts.epochs} | {item.entry.name for item in self.facts.loose}
            for record in self.records.left:
                names = {record.epoch} if record.kind is DropKind.EPOCH else {e.name for e in record.source.entries}
                if not names & here:
                    yield ForgetSource(record)

    # --- claims that have begun ---

    def resume(self) -> _Steps:
        for record in self.records.open:
            if record.state is State.CLAIMING and not record.is_misplaced:
                wait = self._retry_wait(record, WaitFor.WRITER) or self._root_wait(record)
                patience_is_over = self._age(record.created) >= self.policy.gather_timeout_seconds
                yield wait or ResumeClaim(record, settle_for_copy=patience_is_over)

    def _root_wait(self, record: Record) -> Waiting | None:
        """An empty mount point looks like a root from which the sender took everything back."""
        if not self.facts.problem:
            return None
        return Waiting(record.epoch, WaitFor.ACCESS, "its claim has begun, and the root is unavailable")

    # --- epochs ---

    def claim(self) -> _Steps:
        if self.facts.problem:
            yield Waiting(self.facts.root, WaitFor.ACCESS, f"the root is unavailable: {self.facts.problem}")
            return
        claiming = {record.epoch for record in self.records.open if record.state is State.CLAIMING}
        claims = 0
        earlier: str | None = None
        for epoch in sorted(self.facts.epochs, key=lambda item: item.name):
            if epoch.name in claiming or self._is_taken_epoch(epoch):
                continue
            wait = self._epoch_wait(epoch)
            if wait is None and earlier is not None:
                wait = Waiting(epoch.name, WaitFor.TURN, f"waits for {earlier}, which is complete and comes first", 1.0)
            if wait is None and claims >= CLAIMS_PER_LOOK:
                wait = Waiting(epoch.name, WaitFor.TURN, "waits for the epochs before it to be claimed", 0.0)
            if wait is not None:
                if wait.waits_for in _ABOUT_TO_SETTLE and not self._is_stale(epoch):
                    earlier = earlier or epoch.name
                yield wait
                continue
            claims += 1
            yield Claim(epoch)

    def _epoch_wait(self, epoch: EpochFacts) -> Waiting | None:
        if epoch.problem:
            return Waiting(epoch.name, WaitFor.ACCESS, epoch.problem, self.policy.rescan_seconds)
        if not epoch.has_marker:
            return self._marker_wait(epoch)
        return (
            self._still_wait(epoch.name, epoch.still.seconds, self.policy.settle_seconds)
            or self._upload_wait(epoch)
            or self._files_wait(epoch)
            or self._writer_wait(epoch.name, epoch.still)
        )

    def _marker_wait(self, epoch: EpochFacts) -> Waiting:
        changed = datetime.fromtimestamp(epoch.changed_ns / 1e9, tz=self.now.tzinfo)
        near = sorted(safe_name(name) for name in epoch.names if is_near_marker(name))
        hint = f" (found {near[0]!r}: the name is {MARKER}, in capitals, without an ending)" if near else ""
        reason = f"waiting for {MARKER} since {changed:%Y-%m-%d %H:%M:%S}{hint}"
        # A fresh upload is looked at often, an abandoned one hardly ever.
        seconds = min(max(self._seconds_since(epoch.changed_ns) / 4, 1.0), self.policy.rescan_seconds)
        return Waiting(epoch.name, WaitFor.MARKER, reason, seconds)

    def _still_wait(self, subject: str, still: float, needed: float) -> Waiting | None:
        if still >= needed:
            return None
        reason = f"has stood still for {still:.1f} of {needed:g} seconds"
        return Waiting(subject, WaitFor.SETTLE, reason, min(needed - still, max(needed / 4, 0.2)))

    def _upload_wait(self, epoch: EpochFacts) -> Waiting | None:
        uploading = sorted(safe_name(name) for name in epoch.names if is_uploading_name(name))
        needed = max(self.policy.gather_settle_seconds, self.policy.settle_seconds)
        if not uploading or epoch.still.seconds >= needed:
            return None
        reason = f"{uploading[0]} is still being uploaded under a temporary name"
        return Waiting(epoch.name, WaitFor.UPLOAD, reason, needed - epoch.still.seconds)

    def _files_wait(self, epoch: EpochFacts) -> Waiting | None:
        """COMPLETE is not last in every upload: a drop that lacks what belongs in it gets a little longer."""
        missing = [name for name in self.policy.awaited if name not in epoch.names]
        if not missing and not any(name != MARKER and not is_temporary_name(name) for name in epoch.names):
            missing = ["any data file"]
        needed = max(self.policy.gather_settle_seconds, self.policy.settle_seconds)
        if not missing or epoch.still.seconds >= needed:
            return None
        reason = f"{MARKER} is there but not yet {', '.join(missing)}"
        return Waiting(epoch.name, WaitFor.FILES, reason, needed - epoch.still.seconds)

    def _writer_wait(self, subject: str, still: Stillness) -> Waiting | None:
        """A connection that died may hold a file open for ever: after a while nothing more is expected to come."""
        writers = still.writers
        if not writers or still.seconds >= self.policy.gather_timeout_seconds:
            return None
        reason = f"{safe_name(writers[0])} is still open for writing"
        return Waiting(subject, WaitFor.WRITER, reason, max(self.policy.settle_seconds / 4, 0.2))

    def _is_taken_epoch(self, epoch: EpochFacts) -> bool:
        """Whether it is an original that we copied and could not remove: nothing in it but what was taken."""
        here = {entry.signature for entry in epoch.entries}
        # Not by the device: a network share or a mapped disk may get another number at the next boot.
        return any(
            record.source.inode == epoch.inode
            and here <= {_source_signature(record, i) for i in range(len(record.source.entries))}
            for record in self.records.left
        )

    def _is_stale(self, epoch: EpochFacts) -> bool:
        return self._seconds_since(epoch.changed_ns) >= self.policy.stale_seconds

    # --- loose files ---

    def gather(self) -> _Steps:
        if self.facts.problem:
            return
        taken = {_source_signature(r, i) for r in self.records.left for i in range(len(r.source.entries))}
        files = tuple(i for i in self.facts.loose if i.target is not None and i.entry.signature not in taken)
        if not files or any(r.state is State.CLAIMING and r.kind is DropKind.GATHERED for r in self.records.open):
            return
        waits = {item: wait for item in files if (wait := self._loose_wait(item)) is not None}
        files = tuple(item for item in files if item not in waits)
        yield from waits.values()
        # One file that never comes to rest must not keep the others for ever.
        if waits and not any(item.still.seconds >= self.policy.gather_timeout_seconds for item in files):
            return
        missing = tuple(name for name in self.policy.expect if name not in {item.target for item in files})
        waited = min(item.still.seconds for item in files)
        if missing and waited < self.policy.gather_timeout_seconds:
            subject = ", ".join(safe_name(item.entry.name) for item in files)
            reason = f"waits for {', '.join(missing)}, which belongs with it"
            yield Waiting(subject, WaitFor.FILES, reason, self.policy.gather_timeout_seconds - waited)
            return
        yield Gather(files, missing)

    def _loose_wait(self, item: LooseFacts) -> Waiting | None:
        subject = safe_name(item.entry.name)
        needed = self.policy.gather_settle_seconds
        return self._still_wait(subject, item.still.seconds, needed) or self._writer_wait(subject, item.still)

    # --- validation and loading, one drop of the root at a time, in the order of their names ---

    def work(self) -> _Steps:
        head: Record | None = None
        for record in self.records.open:
            if record.is_misplaced or not self._is_in_line(record):
                continue
            if head is not None:
                yield Waiting(record.epoch, WaitFor.TURN, f"waits for {head.epoch}, which comes first")
                continue
            head = record
            if record.state is not State.CLAIMING:
                yield self._next_step(record)

    def _is_in_line(self, record: Record) -> bool:
        if record.state is State.CLAIMING:
            # It keeps its place in the order, but not for ever.
            return self._age(record.created) < self.policy.gather_timeout_seconds
        return record.state in (State.CLAIMED, State.ACCEPTED, State.DEFERRED)

    def _next_step(self, record: Record) -> Action | Waiting:
        if self.records.busy:
            # The busy one need not be the first: an older epoch may have come while a newer one was being worked on.
            reason = (
                "a worker is at it" if record.id in self.records.busy else "a worker is at another drop of the root"
            )
            return Waiting(record.epoch, WaitFor.WORK, reason)
        wait = self._retry_wait(record, WaitFor.RETRY)
        if wait is not None:
            return wait
        if record.state is State.CLAIMED:
            return self._validate(record)
        return self._out_of_order(record) or self._load(record)

    def _validate(self, record: Record) -> Action:
        broken = self.records.attempts.get((record.id, Step.VALIDATE, None), 0)
        if broken >= self.policy.attempts:
            return Fail(record, f"its validation broke {broken} times; {_why_it_broke(record)}")
        return Validate(record)

    def _out_of_order(self, record: Record) -> Action | None:
        newest = self.records.newest_loaded
        if newest is None or record.epoch >= newest or record.loaded_by or record.run > 1:
            return None
        reason = f"it is late: {newest} is newer and was loaded before"
        match self.policy.late:
            case Late.HOLD:
                return Hold(record, reason)
            case Late.REJECT:
                return Reject(record, reason)
            case Late.LOAD:
                return None

    def _load(self, record: Record) -> Action:
        loader = next((name for name in self.policy.loaders if name not in record.loaded_by), None)
        if loader is None:
            return Finish(record)
        broken = self.records.attempts.get((record.id, Step.LOAD, loader), 0)
        if broken >= self.policy.attempts:
            return Fail(record, f"loader {loader} broke {broken} times; {_why_it_broke(record)}")
        if record.state is State.DEFERRED and self._age(record.since) >= self.policy.load_give_up_seconds:
            return Fail(record, f"loader {loader} asked for a later try for too long; {record.reason}")
        return Load(record, loader)

    # --- what a person should know ---

    def tell(self) -> _Steps:
        if not self.facts.problem:
            untaken = tuple(epoch for epoch in self.facts.epochs if not self._is_taken_epoch(epoch))
            yield from noticing.notice(
                self.facts,
                untaken,
                self.records.notices,
                now_ns=int(self.now.timestamp() * 1e9),
                settle_seconds=self.policy.settle_seconds,
                stale_seconds=self.policy.stale_seconds,
                connection_test_seconds=self.policy.connection_test_seconds,
            )

    # --- time ---

    def _retry_wait(self, record: Record, waits_for: WaitFor) -> Waiting | None:
        if record.retry_at is None or record.retry_at <= self.now:
            return None
        if (record.retry_at - self.now).total_seconds() > LONGEST_WAIT_SECONDS:
            return None  # no wait is that long: the clock was put back since
        reason = record.reason or "it is tried again"
        at = record.retry_at.astimezone(self.now.tzinfo)
        seconds = (record.retry_at - self.now).total_seconds()
        return Waiting(record.epoch, waits_for, f"{reason}; next try at {at:%H:%M:%S}", seconds)

    def _age(self, moment: datetime) -> float:
        return (self.now - moment).total_seconds()

    def _seconds_since(self, nanoseconds: int) -> float:
        return max(self.now.timestamp() - nanoseconds / 1e9, 0.0)


_REPORTED = frozenset({State.LOADED, State.REJECTED, State.HELD, State.FAILED})
_ABOUT_TO_SETTLE = frozenset({WaitFor.SETTLE, WaitFor.UPLOAD, WaitFor.FILES, WaitFor.WRITER, WaitFor.TURN})


def _why_it_broke(record: Record) -> str:
    """A try that broke leaves its reason and the time of the next; one that was cut off leaves neither."""
    return record.reason if record.reason and record.retry_at is not None else "the service was cut off"


def _source_signature(record: Record, index: int) -> tuple[str, int, int, int, int]:
    entry = record.source.entries[index]
    return (entry.name, entry.inode, entry.size_bytes, entry.mtime_ns, entry.ctime_ns)
