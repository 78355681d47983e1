from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from tests.journal.world import ENTRY, NOON, SOURCE, intend, record_in
from watcher.clock import Clock
from watcher.errors import JournalError
from watcher.journal import ForbiddenMove, Journal, NoSuchRecord, StaleRecord, open_journal
from watcher.model.records import DropKind, Source, SourceEntry, Step, Transition
from watcher.model.states import OPEN_STATES, TRANSITIONS, Folder, State

LATER = NOON + timedelta(minutes=1)


# intend


def test_intend_writes_a_record_in_claiming(journal: Journal) -> None:
    record = intend(journal)
    assert journal.record(record.id) == record
    assert (record.state, record.place, record.take, record.run) == (State.CLAIMING, Folder.STAGE, 1, 1)
    assert (record.since, record.created, record.source) == (NOON, NOON, SOURCE)
    assert (record.files, record.size_bytes, record.rows, record.loaded_by) == (1, 120, None, ())
    assert journal.transitions(record.id) == (Transition(record.id, NOON, None, State.CLAIMING, ""),)


def test_intend_again_takes_the_next_take_of_that_root_and_epoch(journal: Journal) -> None:
    takes = [intend(journal, root, epoch).take for root, epoch in [("a", "e"), ("a", "e"), ("b", "e"), ("a", "f")]]
    assert takes == [1, 2, 1, 1]
    assert [record.take for record in journal.find("a", "e")] == [1, 2]


def test_intend_without_time_takes_the_clock(url: str) -> None:
    with open_journal(url, Clock(utc=lambda: LATER)) as journal:
        assert journal.intend("a", "e", DropKind.GATHERED, SOURCE).created == LATER


def test_intend_keeps_hostile_names_exactly(journal: Journal) -> None:
    name = "a\n{x}<b>\\u005c\udcff\u2028é😀\x00.csv"
    source = Source(2**63, 2**64 - 1, (replace(ENTRY, name=name),), missing=("w\udc80.csv",))
    record = intend(journal, source=source)
    assert journal.record(record.id).source == source


def test_intend_by_many_threads_gives_each_its_own_take(journal: Journal) -> None:
    takes: list[int] = []
    threads = [threading.Thread(target=lambda: takes.extend(intend(journal).take for _ in range(5))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(takes) == list(range(1, 41))


# move


@pytest.mark.parametrize("before", State)
def test_move_follows_the_table_and_nothing_else(sqlite_url: str, before: State) -> None:
    with open_journal(sqlite_url) as journal:
        for number, after in enumerate(State):
            record = record_in(journal, before, epoch=f"20260301-12000{number}")
            if after in TRANSITIONS[before]:
                assert journal.move(record, after).state is after
            else:
                with pytest.raises(ForbiddenMove):
                    journal.move(record, after)
                assert journal.record(record.id) == record


def test_move_writes_state_time_reason_and_changes(journal: Journal) -> None:
    record = record_in(journal, State.ACCEPTED)
    moved = journal.move(
        record,
        State.DEFERRED,
        reason="the loader's \\ database \udcff is down",
        at=LATER,
        retry_at=LATER + timedelta(hours=1),
        deferrals=3,
        loaded_by=("files", "s\udcffl"),
        dataset="oneroster/1.1",
        key="abc",
        rows=5_000_000_000,
        errors=0,
        warnings=2,
    )
    assert moved == journal.record(record.id)
    assert moved == replace(
        record,
        state=State.DEFERRED,
        since=LATER,
        reason="the loader's \\ database \udcff is down",
        retry_at=LATER + timedelta(hours=1),
        deferrals=3,
        loaded_by=("files", "s\udcffl"),
        dataset="oneroster/1.1",
        key="abc",
        rows=5_000_000_000,
        errors=0,
        warnings=2,
    )
    last = Transition(record.id, LATER, State.ACCEPTED, State.DEFERRED, moved.reason)
    assert journal.transitions(record.id)[-1] == last


def test_move_without_reason_forgets_the_last_one(journal: Journal) -> None:
    record = journal.move(record_in(journal, State.ACCEPTED), State.DEFERRED, reason="down")
    assert journal.move(record, State.ACCEPTED).reason == ""


def test_move_of_a_record_that_moved_on_is_stale_and_writes_nothing(journal: Journal) -> None:
    seen = record_in(journal, State.ACCEPTED)
    stored = journal.move(seen, State.HELD, at=NOON)
    history = journal.transitions(seen.id)
    with pytest.raises(StaleRecord, match="accepted") as raised:
        journal.move(seen, State.LOADED, at=LATER)
    assert raised.value.stored == (State.HELD, 1)
    assert journal.record(seen.id) == stored
    assert journal.transitions(seen.id) == history


def test_move_of_a_record_replayed_to_the_same_state_is_stale(journal: Journal) -> None:
    seen = record_in(journal, State.CLAIMED)
    rejected = journal.move(seen, State.REJECTED)
    journal.move(rejected, State.CLAIMED, run=2)
    with pytest.raises(StaleRecord):
        journal.move(seen, State.ACCEPTED)


def test_move_keeps_what_was_noted_since_the_record_was_read(journal: Journal) -> None:
    """Two hands: the look holds an old value while a worker notes its counts."""
    seen = record_in(journal, State.CLAIMED)
    journal.note(seen, rows=12)
    assert journal.move(seen, State.ACCEPTED).rows == 12


def test_move_of_a_record_that_is_not_there_says_so(journal: Journal) -> None:
    record = replace(intend(journal), id=99)
    with pytest.raises(NoSuchRecord, match="99"):
        journal.move(record, State.CLAIMED)
    with pytest.raises(NoSuchRecord):
        journal.record(99)


def test_move_by_two_threads_happens_once(journal: Journal) -> None:
    record = record_in(journal, State.ACCEPTED)
    outcomes: list[str] = []
    barrier = threading.Barrier(2)

    def move() -> None:
        barrier.wait()
        try:
            journal.move(record, State.LOADED)
            outcomes.append("moved")
        except StaleRecord:
            outcomes.append("stale")

    threads = [threading.Thread(target=move) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["moved", "stale"]


# note


def test_note_changes_without_a_transition(journal: Journal) -> None:
    record = record_in(journal, State.REJECTED)
    noted = journal.note(record, delivered=True, source_left=True)
    assert noted == replace(record, delivered=True, source_left=True) == journal.record(record.id)
    assert len(journal.transitions(record.id)) == 3


def test_note_of_what_may_not_change_is_refused(journal: Journal) -> None:
    record = intend(journal)
    with pytest.raises(TypeError, match="epoch"):
        journal.note(record, epoch="20260301-120001")  # type: ignore[call-arg] # what is tested
    assert journal.record(record.id) == record


def test_note_of_a_record_that_moved_on_is_stale(journal: Journal) -> None:
    """A report delivered for an old verdict must not count as delivered for the next one."""
    seen = record_in(journal, State.REJECTED)
    journal.move(seen, State.CLAIMED, run=2, delivered=False)
    with pytest.raises(StaleRecord):
        journal.note(seen, delivered=True)


def test_note_of_a_reason_replaces_it_without_a_transition(journal: Journal) -> None:
    record = journal.move(record_in(journal, State.CLAIMED), State.FAILED, reason="no disk space")
    assert journal.note(record, reason="no disk space on archive").reason == "no disk space on archive"
    assert journal.transitions(record.id)[-1].reason == "no disk space"


# open records


def _expected_open(state: State, *, delivered: bool) -> bool:
    if state in OPEN_STATES:
        return True
    return not delivered and state in {State.LOADED, State.REJECTED, State.HELD, State.FAILED}


@pytest.mark.parametrize("delivered", [True, False])
@pytest.mark.parametrize("state", State)
def test_open_records_by_state_and_delivery(sqlite_url: str, state: State, delivered: bool) -> None:
    with open_journal(sqlite_url) as journal:
        record = record_in(journal, state, delivered=delivered)
        expected = (record,) if _expected_open(state, delivered=delivered) else ()
        assert journal.open_records("north") == expected
        assert journal.roots_with_open_records() == frozenset({"north"} if expected else ())


@pytest.mark.parametrize("state", sorted(set(State) - OPEN_STATES))
def test_open_records_holds_what_lies_elsewhere_than_its_state_says(sqlite_url: str, state: State) -> None:
    with open_journal(sqlite_url) as journal:
        record = record_in(journal, state, delivered=True, place=Folder.STAGE)
        assert journal.open_records("north") == (() if state is State.WITHDRAWN else (record,))


def test_open_records_are_of_one_root_by_epoch_and_take(journal: Journal) -> None:
    late, other = intend(journal, epoch="20260302-000000"), intend(journal, "south")
    first, second = intend(journal), intend(journal)
    assert journal.open_records("north") == (first, second, late)
    assert journal.open_records("south") == (other,)
    assert journal.roots_with_open_records() == {"north", "south"}


# newest, left, history, latest


def test_newest_loaded_is_not_lowered_by_a_replay(journal: Journal) -> None:
    assert journal.newest_loaded("north") is None
    record_in(journal, State.LOADED, epoch="20260301-000000")
    newest = record_in(journal, State.LOADED, epoch="20260303-000000")
    record_in(journal, State.LOADED, epoch="20260302-000000")
    record_in(journal, State.ACCEPTED, epoch="20260304-000000")
    record_in(journal, State.LOADED, "south", epoch="20260309-000000")
    journal.move(newest, State.CLAIMED, run=2)
    assert journal.newest_loaded("north") == "20260303-000000"
    assert journal.newest_epoch("north") == "20260304-000000"
    assert journal.newest_epoch("north", "20260303-120000") == "20260303-000000"


def test_newest_epoch_of_an_unknown_root_is_none(journal: Journal) -> None:
    assert journal.newest_epoch("north") is None


def dated(*entries: tuple[str, str]) -> Source:
    return Source(1, 0, tuple(SourceEntry(f"{name}{stamp}", name, 1, 1, 0, 0, stamp) for name, stamp in entries))


def test_newest_stamps_are_those_of_loaded_gathers_by_name(journal: Journal) -> None:
    def gathered(state: State, *entries: tuple[str, str]) -> None:
        record = journal.intend("north", "20260301-120000", DropKind.GATHERED, dated(*entries))
        for after in (State.CLAIMED, State.ACCEPTED, state):
            record = journal.move(record, after)

    gathered(State.LOADED, ("a", "20260901"), ("b", "20260901020000"))
    gathered(State.LOADED, ("a", "20260831"), ("c", ""))
    gathered(State.REJECTED, ("a", "20260902"), ("d", "20260902"))
    record_in(journal, State.LOADED)
    assert journal.newest_stamps("north") == {"a": "20260901", "b": "20260901020000", "c": ""}
    assert journal.newest_stamps("north", last=1) == {"a": "20260831", "c": ""}
    assert journal.newest_stamps("north", not_after="20260831235959") == {"a": "20260831", "b": "", "c": ""}
    assert journal.newest_stamps("south") == {}


def test_source_of_an_older_version_is_read(journal: Journal) -> None:
    """What was written before dates were kept has no word of them."""
    record = record_in(journal, State.LOADED)
    with journal._engine.begin() as connection:
        text = '{"device":1,"inode":0,"entries":[{"name":"a","target":"b","inode":2,"size_bytes":3,"mtime_ns":4,"ctime_ns":5}],"missing":[]}'
        connection.exec_driver_sql(f"UPDATE journal_records SET source = '{text}' WHERE id = {record.id}")
    assert journal.record(record.id).source == Source(1, 0, (SourceEntry("a", "b", 2, 3, 4, 5),))


def test_source_comes_back_with_dates_and_newer_names(journal: Journal) -> None:
    entry = SourceEntry("a\udcff", "b", 2, 3, 4, 5, "20260901", 7)
    source = Source(1, 0, (entry, replace(entry, target="c")), ("m",), ("n\udcff",), ("b",))
    assert source.days == (("a\\xff", "20260901"),)
    record = journal.intend("north", "20260301-120000", DropKind.GATHERED, source)
    assert journal.record(record.id).source == source


def test_sources_left_are_those_of_the_root(journal: Journal) -> None:
    left = record_in(journal, State.CLAIMED, source_left=True)
    gone = journal.note(record_in(journal, State.CLAIMED, source_left=True), source_left=False)
    record_in(journal, State.CLAIMED, "south", source_left=True)
    assert journal.sources_left("north") == (left,)
    assert not gone.source_left
    assert [record.root for record in journal.sources_left()] == ["north", "south"]


def test_history_is_newest_first_and_limited(journal: Journal) -> None:
    first, south, last = intend(journal, epoch="20260309-000000"), intend(journal, "south"), intend(journal)
    assert journal.history() == (last, south, first)
    assert journal.history("north") == (last, first)
    assert journal.history(limit=1) == (last,)


def test_history_of_one_state_leaves_the_others_out(journal: Journal) -> None:
    rejected, south = record_in(journal, State.REJECTED), record_in(journal, State.REJECTED, "south")
    record_in(journal, State.LOADED)
    assert journal.history(state=State.REJECTED) == (south, rejected)
    assert journal.history("north", state=State.REJECTED) == (rejected,)


def test_latest_gives_each_root_at_a_glance(journal: Journal) -> None:
    record_in(journal, State.LOADED, epoch="20260301-000000")
    loaded = record_in(journal, State.LOADED, epoch="20260302-000000")
    newest = record_in(journal, State.REJECTED, epoch="20260228-000000")
    record_in(journal, State.LOADED, "west")
    north, east = journal.latest(["north", "east"])
    assert (north.root, north.newest, north.newest_loaded) == ("north", newest, loaded)
    assert north.counts == {State.LOADED: 2, State.REJECTED: 1}
    assert (east.root, east.newest, east.newest_loaded, east.counts) == ("east", None, None, {})


def test_latest_newest_loaded_of_one_epoch_is_the_last_take(journal: Journal) -> None:
    record_in(journal, State.LOADED)
    second = record_in(journal, State.LOADED)
    record_in(journal, State.REJECTED)
    assert journal.latest(["north"])[0].newest_loaded == second


def test_latest_takes_more_roots_than_a_statement_takes_values(journal: Journal) -> None:
    record = intend(journal, "root-70000")
    statuses = journal.latest(f"root-{number}" for number in range(70_001))
    assert [status.newest for status in statuses if status.newest] == [record]
    assert len(statuses) == 70_001


# times


def test_times_come_back_in_utc_from_any_zone(journal: Journal) -> None:
    zone = timezone(timedelta(hours=-7))
    record = journal.intend("a", "e", DropKind.EPOCH, SOURCE, at=datetime(2026, 3, 1, 5, 0, tzinfo=zone))
    assert record.since == datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    assert record.since.tzinfo is UTC


def test_times_without_a_zone_are_refused(journal: Journal) -> None:
    with pytest.raises(JournalError, match="zone"):
        journal.intend("a", "e", DropKind.EPOCH, SOURCE, at=NOON.replace(tzinfo=None))
    assert journal.find("a", "e") == ()


# trouble


@pytest.fixture
def failing(journal: Journal) -> Journal:
    """A journal one of whose tables is gone."""
    with journal._engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE journal_transitions")
    return journal


def test_trouble_of_the_database_is_a_journal_error_that_leaves_nothing_half_written(failing: Journal) -> None:
    with pytest.raises(JournalError, match="journal_transitions") as raised:
        intend(failing)
    assert "users.csv" not in str(raised.value)
    assert "\n" not in str(raised.value)
    assert failing.history() == ()


def test_trouble_of_an_attempt_at_no_record_is_a_journal_error(journal: Journal) -> None:
    """Foreign keys are in force on both databases."""
    with pytest.raises(JournalError, match=r"(?i)foreign key"):
        journal.begin_attempt(replace(intend(journal), id=99), Step.VALIDATE)
