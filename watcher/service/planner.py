"""Decides what to do about a root: a pure, total function of facts, records, policy and time.

It opens nothing, raises nothing for odd input, and says of everything it leaves alone why it waits. `explain` prints
its plan; the service performs it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from watcher.model.actions import Action, Plan, Waiting
from watcher.model.facts import RootFacts
from watcher.service import noticing, plan_epochs, plan_loose, plan_records
from watcher.service.policy import Policy, RootRecords
from watcher.service.situation import Situation


def plan(facts: RootFacts, records: RootRecords, policy: Policy, now: datetime) -> Plan:
    """What to do now, in order, and why the rest waits. `now` is in the zone in which times are shown."""
    steps = _steps(Situation(facts, records, policy, now))
    return Plan(
        actions=tuple(step for step in steps if not isinstance(step, Waiting)),
        waits=tuple(step for step in steps if isinstance(step, Waiting)),
    )


def _steps(at: Situation) -> tuple[Action | Waiting, ...]:
    steps = tuple(_steps_with_drops(at))
    waits = {step.subject: step.reason for step in steps if isinstance(step, Waiting)}
    return (*steps, *noticing.steps(at, waits))


def _steps_with_drops(at: Situation) -> Iterator[Action | Waiting]:
    yield from plan_records.tidy(at)
    yield from plan_records.resume(at)
    yield from plan_epochs.steps(at)
    yield from plan_loose.steps(at)
    yield from plan_records.work(at)
