"""One look at one root: facts and records in, a plan out, every action performed, every outcome journaled.

Start, timer, hint, SIGHUP, `once` and the tests all come through `look`. It may be called at any time, as often as one
likes; one that finds nothing to do changes nothing and logs nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from loguru import logger

from watcher.intake.gather import latest_sensible_name
from watcher.intake.settle import observe
from watcher.journal import Journal
from watcher.model.actions import Plan
from watcher.model.facts import LeaseLevel, RootFacts
from watcher.model.records import Attempt, Record, Step
from watcher.model.states import State
from watcher.service import delivery, perform, plan_reports, requests, trouble
from watcher.service.context import Context
from watcher.service.lane import Lane
from watcher.service.outcomes import conclude
from watcher.service.planner import plan
from watcher.service.policy import RootRecords
from watcher.service.seeing import asked, scanned
from watcher.service.trouble import Trouble

#: A look goes round again while it gets somewhere, so often at the most; the rest is for the next look.
_MOST_ROUNDS = 20
#: It begins no further round after so long: where drops piled up on a slow disk the other roots have their turn, and
#: what takes its time is not mistaken for a file system that gives no answer.
_ROUNDS_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Looked:
    """What came of a look: the last plan, and in how many seconds the next is due (None: when hinted, or in turn).

    `is_idle` says that nothing is in the root or under way that could change without its directory changing.
    """

    plan: Plan
    next_look_seconds: float | None
    is_idle: bool = False


def look(lane: Lane, context: Context) -> Looked:
    """Look at a root and do what is to be done now. Raises JournalError; any other trouble stays with its action."""
    requests.perform_requests(lane, context)
    if lane.work is not None and lane.work.future.done():
        conclude(lane, context)
    made, began = Plan(), context.clock.monotonic()
    for _ in range(_MOST_ROUNDS):
        facts = gather_facts(lane, context)
        now = context.clock.local()
        records = replace(root_records(context.journal, lane.root.id, now, busy=_busy(lane)), trouble=lane.trouble)
        if lane.hurries or lane.is_new:
            hurried = lane.hurries and requests.hurry(records.open, context)
            lane.hurries = lane.is_new = False
            if delivery.hurry(records.open, context) or hurried:
                continue
        made = plan(facts, records, lane.root.policy, now)
        progress, met = _perform_all(made, lane, context)
        if met is not None:
            return Looked(made, trouble.put_off(met, lane, context))
        was_in_trouble = lane.trouble is not None
        lane.troubles, lane.trouble = 0, None
        if not (progress or was_in_trouble):  # the notice of trouble that is over is forgotten in the next round
            is_idle = not (made.actions or made.waits or facts.problem or facts.epochs or lane.work)
            if is_idle:
                lane.sightings = {}  # nothing waits to settle; of ten thousand idle roots this is much
            return Looked(made, made.next_look_seconds, is_idle)
        if context.clock.monotonic() - began >= _ROUNDS_SECONDS:
            break
    return Looked(made, 0.0)


def gather_facts(lane: Lane, context: Context) -> RootFacts:
    """The facts of the root, with what the lane's earlier sightings say of stillness; notes them in the lane."""
    facts = _available(scanned(lane.root), lane)
    facts, lane.sightings = observe(facts, lane.sightings, context.clock.monotonic())
    facts, lane.zip_ends = asked(facts, lane.root, lane.zip_ends)
    _say_what_changed(facts, lane)
    return facts


def root_records(journal: Journal, root: str, now: datetime, busy: frozenset[int] = frozenset()) -> RootRecords:
    """What the journal knows of a root, for the planner."""
    known = journal.knowledge(root, latest_sensible_name(now))
    attempts = _attempts_of_head(journal, known.open)
    return RootRecords(
        open=known.open,
        left=known.left,
        newest_loaded=known.newest_loaded,
        attempts=_counted(attempts),
        notices=frozenset(notice.key for notice in known.notices),
        busy=busy,
        newest_stamps=_newest_stamps(journal, root, known.open, now),
        report_troubles=plan_reports.troubles(known.notices),
        tried={a.record_id: a.ended for a in attempts if a.ended is not None},
        trouble=next((n for n in reversed(known.notices) if n.kind == trouble.KIND), None),
    )


def _newest_stamps(journal: Journal, root: str, records: tuple[Record, ...], now: datetime) -> Mapping[str, str]:
    """What is asked only before dated loose files are loaded: whether newer ones were."""
    is_asked = any(
        record.state in _WORKED_ON and any(entry.stamp for entry in record.source.entries) for record in records
    )
    latest = latest_sensible_name(now).replace("-", "")
    return journal.newest_stamps(root, not_after=latest) if is_asked else {}


def _attempts_of_head(journal: Journal, records: tuple[Record, ...]) -> tuple[Attempt, ...]:
    """The tries of this run of the one record whose turn it is, oldest first: the others are not asked for theirs."""
    head = next((record for record in records if record.state in _WORKED_ON and not record.is_misplaced), None)
    if head is None:
        return ()
    return tuple(attempt for attempt in journal.attempts(head.id) if attempt.run == head.run)


def _counted(attempts: tuple[Attempt, ...]) -> dict[tuple[int, Step, str | None], int]:
    """How many broke, by record, step and loader."""
    return dict(Counter((a.record_id, a.step, a.loader) for a in attempts if a.counts))


_WORKED_ON = frozenset({State.CLAIMED, State.ACCEPTED, State.DEFERRED})


def _available(facts: RootFacts, lane: Lane) -> RootFacts:
    """A root whose device changed and which is empty all at once was unmounted: it is unavailable, not emptied."""
    if facts.problem:
        return facts
    identity = (facts.device, facts.inode)
    has_entries = bool(facts.epochs or facts.loose)
    if lane.identity is not None and lane.identity[0] != facts.device and lane.had_entries and not has_entries:
        return replace(facts, problem=f"{lane.root.path} is another file system now, and empty; is a mount missing?")
    lane.identity, lane.had_entries = identity, has_entries
    return facts


def _say_what_changed(facts: RootFacts, lane: Lane) -> None:
    log = logger.bind(root=lane.root.id)
    if facts.problem != lane.problem:
        if facts.problem:
            log.warning("the root is unavailable: {problem}", problem=facts.problem, event="root-unavailable")
        else:
            log.info("the root is available again", event="root-available")
        lane.problem = facts.problem
    if facts.lease not in (LeaseLevel.UNKNOWN, lane.lease):
        if facts.lease is LeaseLevel.GRANTED:
            log.info("settling sees open writers (leases are granted)", event="lease-level", lease="granted")
        else:
            log.info(
                "settling can't see open writers (no leases here): claims are copied to be sure",
                event="lease-level",
                lease="refused",
            )
        lane.lease = facts.lease


def _busy(lane: Lane) -> frozenset[int]:
    return frozenset() if lane.work is None else frozenset({lane.work.record.id})


def _perform_all(made: Plan, lane: Lane, context: Context) -> tuple[bool, Trouble | None]:
    """Perform every action; whether one got somewhere, and the last one that met trouble of our own."""
    progress, met = False, None
    for action in made.actions:
        try:
            progress = perform.perform(action, lane, context) or progress
        except OSError as error:
            met = Trouble(action, error)
            trouble.say(met, lane)
    return progress, met
