"""One look without hands: the plan that the service would perform for a root now, and why the rest waits.

It takes the same road as a look (scan, writers, records, plan) and changes nothing, so it may run beside the service.
One thing it can't know: how long something has stood still takes two looks to see. In its place stands the time since
the last change of anything in it (ctime, which no sender can set); the running service never measures more than that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from watcher.model.actions import Action, ForgetNotices, Plan, Tell, WaitFor, Waiting
from watcher.model.facts import LeaseLevel, RootFacts, Stillness
from watcher.model.names import safe_name
from watcher.model.records import Notice, Record
from watcher.service.planner import plan
from watcher.service.policy import RootRecords
from watcher.service.roots import Root
from watcher.service.seeing import asked, scanned


@dataclass(frozen=True, slots=True)
class Explained:
    """What would be done now, what waits, what a person should know (said before or not), and how writers are seen."""

    root: Root
    actions: tuple[Action, ...]
    waits: tuple[Waiting, ...]
    notices: tuple[Notice, ...]
    lease: LeaseLevel


def explain(root: Root, records: RootRecords, now: datetime, held: Sequence[Record] = ()) -> Explained:
    """The plan for a root as the disk and these records are; `now` is in the zone in which times are shown.

    `held` are drops that wait for a person: no look does anything about them, so they are in no plan.
    Leases are asked for, as a look does: SIGIO must be ignored by the process.
    """
    facts, _ = asked(_with_stillness(scanned(root), now), root, {})
    # Without what was said before, everything worth a notice is told again.
    made = plan(facts, replace(records, notices=frozenset()), root.policy, now)
    return Explained(
        root=root,
        actions=tuple(action for action in made.actions if not isinstance(action, Tell | ForgetNotices)),
        waits=(*_worded(made, facts, root), *map(_person_wait, reversed(held))),
        notices=tuple(action.notice for action in made.actions if isinstance(action, Tell)),
        lease=facts.lease,
    )


def _person_wait(record: Record) -> Waiting:
    reason = f"is held for a person: {record.reason or 'no reason was noted'}; `replay` runs it again and loads it"
    return Waiting(record.epoch, WaitFor.PERSON, reason)


def _with_stillness(facts: RootFacts, now: datetime) -> RootFacts:
    def since(changed_ns: int) -> Stillness:
        return Stillness(seconds=max(now.timestamp() - changed_ns / 1e9, 0.0))

    return replace(
        facts,
        epochs=tuple(replace(epoch, still=since(epoch.changed_ns)) for epoch in facts.epochs),
        loose=tuple(replace(item, still=since(item.entry.ctime_ns)) for item in facts.loose),
    )


def _worded(made: Plan, facts: RootFacts, root: Root) -> Iterator[Waiting]:
    """The waits, those for standing still in words that say who measures it."""
    still = {epoch.name: (epoch.still.seconds, root.policy.settle_seconds) for epoch in facts.epochs}
    for item in facts.loose:
        if item.target is not None:
            still[safe_name(item.entry.name)] = (item.still.seconds, root.policy.gather_settle_seconds)
    for wait in made.waits:
        if wait.waits_for is WaitFor.SETTLE and wait.subject in still:
            seconds, needed = still[wait.subject]
            reason = (
                f"has to stand still for {needed:g} seconds, last changed {seconds:.0f} s ago; "
                "the running service measures it"
            )
            yield replace(wait, reason=reason)
        else:
            yield wait
