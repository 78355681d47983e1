"""What holds of the planner whatever it is given."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.service.build import NOW, POLICY, epoch, facts, loose, record
from watcher.config import Late
from watcher.model.actions import (
    Claim,
    Deliver,
    Fail,
    FileAway,
    Finish,
    Gather,
    Hold,
    Load,
    Plan,
    Reject,
    RemoveTest,
    ResumeClaim,
    Supersede,
    Tell,
    Validate,
)
from watcher.model.facts import EpochFacts, Kind, LooseFacts, RootFacts
from watcher.model.names import is_epoch_name
from watcher.model.records import DropKind, Record, Step
from watcher.model.states import OPEN_STATES, Folder, State, folder_of
from watcher.service.planner import plan
from watcher.service.policy import Policy, RootRecords

_STEPS: tuple[tuple[Step, str | None], ...] = (
    (Step.VALIDATE, None),
    (Step.LOAD, "warehouse"),
    (Step.LOAD, "copies"),
)
epoch_names = st.integers(0, 12).map(lambda i: f"20260901-0{i:02d}000"[:15])
file_names = st.sampled_from(
    ["students.csv", "guardians.csv", "complete", "a.filepart", ".DS_Store", "x\ny", "{x}", "\udcff.csv", ".in.a"]
)
seconds = st.sampled_from([0.0, 1.0, 9.9, 10.0, 119.0, 120.0, 4000.0, 90_000.0])

epochs = st.builds(
    lambda name, names, still, marker, writers, age, problem: epoch(
        name, *names, still=still, marker=marker, writers=tuple(names[:1]) if writers else (), age=age, problem=problem
    ),
    epoch_names,
    st.lists(file_names, max_size=4, unique=True),
    seconds,
    st.booleans(),
    st.booleans(),
    seconds,
    st.sampled_from(["", "", "", "can't be listed"]),
)
loose_names = st.sampled_from(
    ["students_auto.csv", "guardians_auto.csv", "students.csv", "campus.tst", "2026-09-01", "COMPLETE", "\udcff", "{x}",
     "students_auto20260901.csv", "students_auto.csv.20260831", "guardians_auto20260831.CSV", "roster_auto.zip"]
)  # fmt: skip
loose_items = st.builds(
    lambda name, still, kind, size, age, cut: loose(name, still=still, kind=kind, size=size, age=age, lacks_end=cut),
    loose_names,
    seconds,
    st.sampled_from(Kind),
    st.sampled_from([0, 1, 500]),
    seconds,
    st.booleans(),
)
records = st.builds(
    lambda state, name, place, run, retry, loaded, delivered, age, kind, newer: record(
        state,
        name,
        place=place if place is not None else folder_of(state),
        run=run,
        retry_at=None if retry is None else NOW + timedelta(seconds=retry),
        loaded_by=loaded,
        delivered=delivered,
        created=NOW - timedelta(seconds=age),
        kind=kind,
        source=replace(record(state, name).source, newer=newer),
    ),
    st.sampled_from([state for state in State if state is not State.WITHDRAWN]),
    epoch_names,
    st.sampled_from([None, *Folder]),
    st.integers(1, 2),
    st.sampled_from([None, -5, 5]),
    st.sampled_from([(), ("warehouse",)]),
    st.booleans(),
    seconds,
    st.sampled_from(DropKind),
    st.sampled_from([(), (), ("students_auto.csv",)]),
)


def in_order(items: list[Record]) -> tuple[Record, ...]:
    unique = {item.epoch: item for item in items}
    return tuple(unique[name] for name in sorted(unique))


root_facts = st.builds(
    lambda items, things, problem: facts(
        *({item.name: item for item in items}.values()),
        *({item.entry.name: item for item in things}.values()),
        problem=problem,
    ),
    st.lists(epochs, max_size=5),
    st.lists(loose_items, max_size=4),
    st.sampled_from(["", "", "", "gone"]),
)
known = st.builds(
    lambda items, newest, broken, busy: RootRecords(
        open=in_order(items),
        newest_loaded=newest,
        attempts={(item.id, step, loader): broken for item in items for step, loader in _STEPS},
        busy=frozenset({items[0].id}) if busy and items else frozenset(),
    ),
    st.lists(records, max_size=5),
    st.one_of(st.none(), epoch_names),
    st.integers(0, 4),
    st.booleans(),
)
policies = st.builds(
    lambda late, expect, loaders: replace(POLICY, late=late, expect=expect, awaited=expect, loaders=loaders),
    st.sampled_from(Late),
    st.sampled_from([(), ("students.csv", "guardians.csv")]),
    st.sampled_from([(), ("warehouse",), ("warehouse", "copies")]),
)
_ABOUT_RECORDS = (ResumeClaim, Validate, Load, Finish, Hold, Supersede, Reject, Fail, FileAway, Deliver)


@given(root_facts, known, policies)
@settings(max_examples=300, deadline=None)
def test_plan_is_total_and_the_same_for_the_same_facts(here: RootFacts, journal: RootRecords, policy: Policy) -> None:
    made = plan(here, journal, policy, NOW)
    assert isinstance(made, Plan)
    assert plan(here, journal, policy, NOW) == made
    assert made.next_look_seconds is None or made.next_look_seconds >= 0


@given(root_facts, known, policies)
@settings(max_examples=300, deadline=None)
def test_plan_never_acts_twice_on_one_thing(here: RootFacts, journal: RootRecords, policy: Policy) -> None:
    made = plan(here, journal, policy, NOW)
    touched = [action.record.id for action in made.actions if isinstance(action, _ABOUT_RECORDS)]
    claimed = [action.epoch.name for action in made.actions if isinstance(action, Claim)]
    gathered = [item.entry.name for action in made.actions if isinstance(action, Gather) for item in action.files]
    assert len(touched) == len(set(touched))
    assert len(claimed) == len(set(claimed))
    assert len(gathered) == len(set(gathered))


@given(root_facts, known, policies)
@settings(max_examples=300, deadline=None)
def test_plan_leaves_no_drop_without_an_action_or_a_reason(
    here: RootFacts, journal: RootRecords, policy: Policy
) -> None:
    """Never a silence: each epoch in the root and each open record is acted on, or it is said why not."""
    made = plan(here, journal, policy, NOW)
    said = {wait.subject for wait in made.waits}
    acted = {action.epoch.name for action in made.actions if isinstance(action, Claim)}
    acted |= {action.record.epoch for action in made.actions if isinstance(action, _ABOUT_RECORDS)}
    if not here.problem:
        claiming = {item.epoch for item in journal.open if item.state is State.CLAIMING}
        assert {item.name for item in here.epochs} <= said | acted | claiming
    open_now = {item.epoch for item in journal.open if item.state in OPEN_STATES}
    assert open_now <= said | acted


@given(st.lists(loose_items, max_size=6), policies)
@settings(max_examples=300, deadline=None)
def test_plan_leaves_no_loose_files_without_an_action_or_a_reason(things: list[LooseFacts], policy: Policy) -> None:
    here = facts(*({item.entry.name: item for item in things}.values()))
    files = {item.entry.name for item in here.loose if item.target is not None}
    made = plan(here, RootRecords(), policy, NOW)
    taken = {item.entry.name for action in made.actions if isinstance(action, Gather) for item in action.files}
    removed = {action.entry.name for action in made.actions if isinstance(action, RemoveTest)}
    waiting = {name for wait in made.waits for name in wait.subject.split(", ")}
    assert not files or files & (taken | removed | waiting)
    assert not taken & removed


@given(root_facts, known, policies)
@settings(max_examples=300, deadline=None)
def test_plan_takes_only_what_is_complete_still_and_closed(
    here: RootFacts, journal: RootRecords, policy: Policy
) -> None:
    made = plan(here, journal, policy, NOW)
    for action in made.actions:
        if isinstance(action, Claim):
            item = action.epoch
            assert item.has_marker
            assert is_epoch_name(item.name)
            assert not item.problem
            assert not item.still.writers or item.still.seconds >= policy.gather_timeout_seconds
            assert item.still.seconds >= policy.settle_seconds
        if isinstance(action, Gather):
            for part in action.files:
                assert part.entry.kind is Kind.FILE
                assert part.target is not None
                assert part.still.seconds >= policy.gather_settle_seconds


@given(root_facts, known, policies)
@settings(max_examples=300, deadline=None)
def test_plan_gives_heavy_work_to_one_drop_and_the_first_in_line(
    here: RootFacts, journal: RootRecords, policy: Policy
) -> None:
    made = plan(here, journal, policy, NOW)
    heavy = [a.record for a in made.actions if isinstance(a, (Validate, Load))]
    assert len(heavy) <= (0 if journal.busy else 1)
    if heavy:
        in_line = [
            item
            for item in journal.open
            if item.state in (State.CLAIMED, State.ACCEPTED, State.DEFERRED)
            and not (item.is_misplaced or item.is_outdated)
        ]
        assert heavy[0] == in_line[0]


@given(st.lists(epochs, max_size=6), policies)
@settings(max_examples=200, deadline=None)
def test_plan_says_everything_once(items: list[EpochFacts], policy: Policy) -> None:
    """Convergent: with what it said in the journal, the next plan has nothing to say."""
    here = facts(*({item.name: item for item in items}.values()))
    told = [action.notice for action in plan(here, RootRecords(), policy, NOW).actions if isinstance(action, Tell)]
    said = frozenset(notice.key for notice in told)
    again = plan(here, RootRecords(notices=said), policy, NOW)
    assert not [action for action in again.actions if isinstance(action, Tell)]


@given(st.lists(loose_items, max_size=6))
@settings(max_examples=200, deadline=None)
def test_plan_leaves_alone_what_is_no_drop(things: list[LooseFacts]) -> None:
    here = facts(*({item.entry.name: item for item in things}.values()))
    for action in plan(here, RootRecords(), POLICY, NOW).actions:
        if isinstance(action, Gather):
            assert all("_auto" in item.entry.name for item in action.files)


@given(st.lists(loose_items, max_size=8))
@settings(max_examples=300, deadline=None)
def test_plan_gathers_one_of_each_kind_and_the_newest_last(things: list[LooseFacts]) -> None:
    here = facts(*({item.entry.name: item for item in things}.values()))
    made = [action for action in plan(here, RootRecords(), POLICY, NOW).actions if isinstance(action, Gather)]
    for action in made:
        assert len({item.target for item in action.files}) == len(action.files)
        assert bool(action.newer) is (action is not made[-1])
        assert not action.mixed or len({item.stamp[:8] for item in action.files if item.stamp}) > 1
    for action in made[:-1]:
        assert set(action.newer) <= {item.entry.name for item in made[-1].files}
