"""The schedule: every root gets its looks, none waits for another, trouble is tried again."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.service.oneroot import AtOnce, Later, logged, wait_for
from watcher.clock import Clock
from watcher.config import RootSettings, Settings
from watcher.intake.scanner import scan
from watcher.journal import open_journal
from watcher.model.deliveries import NameRules
from watcher.model.facts import RootFacts
from watcher.model.records import Ending, RequestKind
from watcher.model.states import State
from watcher.service import loop as scheduling
from watcher.service import seeing
from watcher.service.context import Context
from watcher.service.folders import WorkFolders
from watcher.service.loop import STUCK_AFTER_SECONDS, Loop
from watcher.service.roots import Root, policy_of
from watcher.service.sweep import fingerprint
from watcher.service.threads import Threads
from watcher.service.workers import Workers

EPOCH = "20260901-020000"
RESCAN = 30.0
#: Of the machine's own time, which may be busy with other things; a test ends as soon as it can.
_PATIENCE_SECONDS = 60.0
#: What hangs does so until the test lets it go, for longer than any test may take.
_FOR_EVER = 600.0


@dataclass
class Schedule:
    """A loop over some roots, turned by the test, by a clock that goes only when told to.

    Epochs settle at once; the dataset is `plain` and there is no loader: a drop is claimed, judged, archived.
    """

    folder: Path
    threads: int = 1
    workers: Workers = field(default_factory=AtOnce)
    now: float = 1000.0

    def __post_init__(self) -> None:
        self.settings = Settings(
            work_dir=self.folder / "work",
            journal=f"sqlite:///{self.folder}/work/journal.db",
            roots=(),
            source=self.folder / "config.yaml",
            rescan_seconds=RESCAN,
        )
        folders = WorkFolders(self.settings.work_dir)
        folders.make()
        self.journal = open_journal(self.settings.journal)
        context = Context(self.settings, self.journal, folders, self.workers, Clock())
        self.loop = Loop(context, Threads(self.threads, self.clock), self.clock)

    def clock(self) -> float:
        return self.now

    def path(self, name: str) -> Path:
        return self.folder / "sftp" / name

    def roots(self, *names: str) -> Mapping[str, Root]:
        entry = RootSettings(path="", settle_seconds=0, gather_settle_seconds=0)
        policy = policy_of(self.settings, entry)
        for name in names:
            self.path(name).mkdir(parents=True, exist_ok=True)
        return {name: Root(name, self.path(name), entry, policy) for name in names}

    def drop(self, root: str, epoch: str = EPOCH) -> None:
        folder = self.path(root) / epoch
        folder.mkdir(parents=True)
        (folder / "students.csv").write_bytes(b"a,b\n1,2\n")
        (folder / "COMPLETE").touch()

    def turn_until(self, is_so: Callable[[], bool], what: str) -> None:
        def turned() -> bool:
            self.loop.turn(0.01)
            return is_so()

        wait_for(turned, what, _PATIENCE_SECONDS)

    def turn_until_threads_rest(self) -> None:
        """Until what runs is stuck. A job that the machine has not come to yet must not look stuck when time goes on."""
        threads = self.loop.threads
        self.turn_until(
            lambda: not threads._jobs and all(job.is_stuck for job in tuple(threads._running)), "the threads to rest"
        )

    def turn_until_quiet(self) -> None:
        self.turn_until(self.loop.is_quiet, "the loop to be quiet")

    def ended(self, state: State = State.LOADED) -> list[tuple[str, str]]:
        """Root and epoch of the drops in a state, in the order in which they came to it."""
        records = sorted(self.journal.history(limit=1000, state=state), key=lambda record: record.since)
        return [(record.root, record.epoch) for record in records]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., Schedule]]:
    made: list[Schedule] = []

    def make_schedule(**options: object) -> Schedule:
        made.append(Schedule(tmp_path, **options))  # type: ignore[arg-type]
        return made[-1]

    yield make_schedule
    for schedule in made:
        schedule.loop.threads.close(10)
        schedule.journal.close()


@dataclass
class Hang:
    """A file system that does not answer: `root` is the one that hangs until `gate` opens."""

    root: str
    inside: threading.Event = field(default_factory=threading.Event)
    gate: threading.Event = field(default_factory=threading.Event)

    def scan(self, root: str, path: Path, *rules: NameRules, may_be_link: bool = True) -> RootFacts:
        if root == self.root:
            self.inside.set()
            self.gate.wait(_FOR_EVER)
        return scan(root, path, *rules, may_be_link=may_be_link)


@pytest.fixture
def hang(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hang]:
    made = Hang("hanging")
    monkeypatch.setattr(seeing, "scan", made.scan)
    yield made
    made.gate.set()


# fairness


def test_loop_a_root_with_one_epoch_is_not_last_behind_one_with_thirty(make: Callable[..., Schedule]) -> None:
    schedule = make(threads=1)
    for number in range(30):
        schedule.drop("big", f"20260901-02{number:02}00")
    schedule.drop("small")
    schedule.loop.set_roots(schedule.roots("big", "small"))
    schedule.turn_until_quiet()
    ended = schedule.ended()
    assert len(ended) == 31
    assert ended.index(("small", EPOCH)) <= 2
    assert [epoch for root, epoch in ended if root == "big"] == [f"20260901-02{n:02}00" for n in range(30)]


# a file system that hangs


def test_loop_a_root_that_hangs_delays_nobody_while_a_thread_is_free(make: Callable[..., Schedule], hang: Hang) -> None:
    schedule = make(threads=2)
    schedule.drop("good")
    schedule.loop.set_roots(schedule.roots("hanging", "good"))
    schedule.turn_until(lambda: schedule.ended() == [("good", EPOCH)], "the good root")
    assert hang.inside.wait(_PATIENCE_SECONDS)
    assert not schedule.loop.is_quiet()


def test_loop_a_root_that_hangs_gives_up_its_place_and_goes_on_when_it_answers(
    make: Callable[..., Schedule], hang: Hang
) -> None:
    schedule = make(threads=1)
    schedule.drop("hanging")
    schedule.drop("good")
    with logged() as lines:
        schedule.loop.set_roots(schedule.roots("hanging", "good"))
        assert hang.inside.wait(_PATIENCE_SECONDS)
        schedule.loop.turn(0)
        assert schedule.ended() == []
        schedule.now += STUCK_AFTER_SECONDS
        schedule.turn_until(lambda: schedule.ended() == [("good", EPOCH)], "the good root")
    assert "root-stuck - -: no answer from root hanging; going on without it" in lines
    hang.gate.set()
    schedule.turn_until_quiet()
    assert schedule.ended() == [("good", EPOCH), ("hanging", EPOCH)]


def test_loop_hints_about_a_root_that_hangs_bring_one_more_look_and_not_one_each(
    make: Callable[..., Schedule], hang: Hang
) -> None:
    schedule = make(threads=4)
    schedule.loop.set_roots(schedule.roots("hanging"))
    assert hang.inside.wait(_PATIENCE_SECONDS)
    for _ in range(50):
        schedule.loop.hint("hanging")
    schedule.loop.turn(0)
    assert len(schedule.loop.threads._running) == 1
    assert schedule.loop.seats["hanging"].look_again
    schedule.drop("hanging")
    hang.gate.set()
    schedule.turn_until_quiet()
    assert schedule.ended() == [("hanging", EPOCH)]


# what brings a look


@pytest.fixture
def settled_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the roots had been made long ago: one that changed within the last two seconds is never taken for idle."""
    monkeypatch.setattr(scheduling, "fingerprint", lambda path, at: fingerprint(path, at + 3600))


@pytest.mark.usefixtures("settled_clock")
def test_loop_finds_what_no_event_told_of_at_the_rescan(make: Callable[..., Schedule]) -> None:
    schedule = make()
    schedule.loop.set_roots(schedule.roots("quiet"))
    schedule.turn_until_quiet()
    assert schedule.loop.seats["quiet"].fingerprint is not None
    schedule.drop("quiet")
    schedule.loop.turn(0)
    assert schedule.loop.is_quiet()
    schedule.now += RESCAN
    schedule.turn_until(lambda: schedule.ended() == [("quiet", EPOCH)], "the drop that nobody told of")


@pytest.mark.usefixtures("settled_clock")
def test_loop_an_idle_root_is_not_looked_at_in_full_each_time_but_each_hour(make: Callable[..., Schedule]) -> None:
    schedule = make()
    schedule.loop.set_roots(schedule.roots("quiet"))
    schedule.turn_until_quiet()
    seat = schedule.loop.seats["quiet"]
    first = seat.looked
    schedule.now += RESCAN
    schedule.loop.turn(0)
    schedule.turn_until_threads_rest()
    schedule.turn_until_quiet()
    assert seat.looked is first
    schedule.now += 3600
    schedule.turn_until(lambda: seat.looked is not first, "the hourly look")


@pytest.mark.usefixtures("settled_clock")
def test_loop_an_idle_root_that_hangs_costs_one_thread_and_no_other_root_its_sweeps(
    make: Callable[..., Schedule], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A share that is gone: each rescan used to send another thread into it, until none was left."""
    schedule = make(threads=2)
    schedule.loop.set_roots(schedule.roots("a", "hanging", "z"))
    schedule.turn_until_quiet()
    real, inside, gate = os.stat, threading.Semaphore(0), threading.Event()

    def stat(path: Any, **options: Any) -> os.stat_result:
        if path == schedule.path("hanging"):
            inside.release()
            gate.wait(_FOR_EVER)
        return real(path, **options)

    monkeypatch.setattr("watcher.service.sweep.os.stat", stat)
    schedule.now += RESCAN
    schedule.loop.turn(0)
    assert inside.acquire(timeout=_PATIENCE_SECONDS)
    with logged() as lines:
        schedule.now += STUCK_AFTER_SECONDS
        schedule.loop.turn(0)
    assert "root-stuck - -: no answer from root hanging; going on without it" in lines
    for number in range(5):
        schedule.drop("z", f"20260901-02{number:02}00")
        schedule.now += RESCAN
        schedule.turn_until(lambda n=number: len(schedule.ended()) == n + 1, "a drop beside the root that hangs")  # type: ignore[misc]
        schedule.turn_until_threads_rest()
        schedule.now += STUCK_AFTER_SECONDS
    assert not inside.acquire(blocking=False)
    schedule.drop("hanging")
    gate.set()
    schedule.turn_until(lambda: ("hanging", EPOCH) in schedule.ended(), "the root that answers again")


def test_loop_a_hint_for_a_root_that_is_not_there_is_nothing(make: Callable[..., Schedule]) -> None:
    schedule = make()
    schedule.loop.hint("nobody")
    schedule.loop.turn(0)
    assert schedule.loop.is_quiet()


def test_loop_looks_when_the_plan_said_so_and_not_before(make: Callable[..., Schedule]) -> None:
    schedule = make()
    (schedule.path("slow") / EPOCH).mkdir(parents=True)  # no marker: looked at again soon
    schedule.loop.set_roots(schedule.roots("slow"))
    seat = schedule.loop.seats["slow"]
    schedule.turn_until(lambda: seat.due is not None, "the first look")
    due, first = seat.due, seat.looked
    assert due is not None
    assert first is not None
    assert due - schedule.now == first.next_look_seconds
    schedule.now = due - 0.01
    schedule.loop.turn(0)
    assert seat.looked is first
    schedule.now = due
    schedule.turn_until(lambda: seat.looked is not first, "the look that was due")


# roots that come and go


def test_loop_roots_come_and_go(make: Callable[..., Schedule]) -> None:
    schedule = make()
    assert schedule.loop.set_roots(schedule.roots("a", "b")) == (("a", "b"), ())
    schedule.turn_until_quiet()
    schedule.drop("c")
    assert schedule.loop.set_roots(schedule.roots("b", "c")) == (("c",), ("a",))
    schedule.turn_until_quiet()
    assert set(schedule.loop.seats) == {"b", "c"}
    assert schedule.ended() == [("c", EPOCH)]


def test_loop_a_root_that_goes_while_its_drop_is_judged_keeps_the_outcome(make: Callable[..., Schedule]) -> None:
    workers = Later()
    schedule = make(workers=workers)
    schedule.drop("a")
    schedule.loop.set_roots(schedule.roots("a"))
    schedule.turn_until(lambda: bool(workers.tasks) and schedule.loop.working() == 1, "the task")
    schedule.turn_until(lambda: not schedule.loop.seats["a"].is_running, "the look to end")
    assert schedule.loop.set_roots({}) == ((), ())  # it stays while its drop is in hand
    workers.run()
    schedule.turn_until(lambda: schedule.ended() == [("a", EPOCH)], "the outcome")
    schedule.turn_until_quiet()
    assert schedule.loop.set_roots({}, keep={"a"}) == ((), ())
    assert schedule.loop.set_roots({}) == ((), ("a",))
    assert schedule.loop.set_roots({}) == ((), ())  # said once
    assert schedule.loop.seats == {}


def test_loop_a_root_that_comes_back_while_its_drop_is_still_judged_keeps_its_seat(
    make: Callable[..., Schedule],
) -> None:
    workers = Later()
    schedule = make(workers=workers)
    schedule.drop("a")
    roots = schedule.roots("a")
    schedule.loop.set_roots(roots)
    schedule.turn_until(lambda: schedule.loop.working() == 1, "the task")
    schedule.loop.set_roots({})
    assert schedule.loop.set_roots(roots) == ((), ())
    assert schedule.loop.working() == 1
    workers.run()
    schedule.turn_until(lambda: schedule.ended() == [("a", EPOCH)], "the outcome")
    assert set(schedule.loop.seats) == {"a"}


# a journal that is down


def rename_table(schedule: Schedule, old: str, new: str) -> None:
    with closing(sqlite3.connect(schedule.folder / "work" / "journal.db")) as database:
        database.execute(f"ALTER TABLE {old} RENAME TO {new}")


def test_loop_a_journal_that_fails_is_said_once_and_tried_again_ever_later(make: Callable[..., Schedule]) -> None:
    schedule = make(threads=2)
    rename_table(schedule, "journal_records", "away")
    schedule.drop("a")
    with logged() as lines:
        schedule.loop.set_roots(schedule.roots("a"))
        seat = schedule.loop.seats["a"]
        waits = []
        for _ in range(4):
            schedule.turn_until(lambda: seat.due is not None, "the look to fail")
            assert seat.due is not None
            waits.append(seat.due - schedule.now)
            schedule.now = seat.due
            schedule.loop._rescan_due = schedule.now + 1000  # the rescan's own look is not what is asked here
            schedule.loop.turn(0)
        rename_table(schedule, "away", "journal_records")

        def ended_by_now() -> bool:
            schedule.now = max(schedule.now, seat.due or 0.0)
            return schedule.ended() == [("a", EPOCH)]

        schedule.turn_until(ended_by_now, "the journal to be tried again")
    assert waits == [5, 10, 20, 40]
    events = [line.split()[0] for line in lines if line.startswith(("look-failed", "look-works"))]
    assert events == ["look-failed", "look-works"]


def test_loop_that_is_hurried_looks_at_once_where_looks_failed(make: Callable[..., Schedule]) -> None:
    """After room was made on a full disk, a reload left such a root to its next try, up to five minutes later."""
    schedule = make()
    rename_table(schedule, "journal_records", "away")
    schedule.drop("a")
    schedule.loop.set_roots(schedule.roots("a"))
    seat = schedule.loop.seats["a"]
    schedule.turn_until(lambda: seat.due is not None, "the look to fail")
    rename_table(schedule, "away", "journal_records")
    schedule.loop.hurry(())
    schedule.turn_until(lambda: schedule.ended() == [("a", EPOCH)], "the look that is not waited for")


# requests and the end


def test_loop_a_request_is_handed_on_once(make: Callable[..., Schedule]) -> None:
    schedule = make()
    schedule.drop("a")
    schedule.loop.set_roots(schedule.roots("a"))
    schedule.turn_until_quiet()
    (record,) = schedule.journal.history("a")
    request = schedule.journal.request(RequestKind.REPLAY, record, "ann")
    for _ in range(3):  # as it is found each time until it is closed, and once more by a reader that is late
        schedule.loop.take_requests((request,))
        schedule.turn_until_quiet()
    assert schedule.journal.record(record.id).run == 2
    assert schedule.journal.requests() == ()


def test_drain_lets_a_task_end_within_its_patience(make: Callable[..., Schedule]) -> None:
    workers = Later()
    schedule = make(workers=workers)
    schedule.drop("a")
    schedule.loop.set_roots(schedule.roots("a"))
    schedule.turn_until(lambda: bool(workers.tasks), "the task")
    turns: list[int] = []

    def keep_alive() -> None:
        turns.append(1)
        if workers.tasks:
            workers.run()

    schedule.loop.drain(60, keep_alive)
    (record,) = schedule.journal.history("a")
    assert (record.state, bool(turns)) == (State.ACCEPTED, True)
    assert schedule.journal.unended_attempts() == ()


def test_drain_stops_a_task_that_outlasts_its_patience_and_does_not_blame_the_drop(
    make: Callable[..., Schedule],
) -> None:
    workers = Later()
    schedule = make(workers=workers)
    schedule.drop("a")
    schedule.loop.set_roots(schedule.roots("a"))
    schedule.turn_until(lambda: bool(workers.tasks), "the task")
    schedule.turn_until(lambda: not schedule.loop.seats["a"].is_running, "the look to end")

    def keep_alive() -> None:
        schedule.now += 1

    schedule.loop.drain(5, keep_alive)
    (record,) = schedule.journal.history("a")
    (attempt,) = schedule.journal.attempts(record.id)
    assert (record.state, attempt.ending, attempt.counts) == (State.CLAIMED, Ending.STOPPED, False)


def test_drain_begins_nothing_new(make: Callable[..., Schedule]) -> None:
    schedule = make()
    schedule.loop.set_roots(schedule.roots("a"))
    schedule.turn_until_quiet()
    schedule.loop.drain(1, lambda: None)
    schedule.drop("a")
    schedule.loop.hint("a")
    schedule.now += RESCAN
    schedule.loop.turn(0)
    assert schedule.journal.history("a") == ()


def test_loop_a_bug_in_one_look_is_said_with_its_traceback_and_ends_no_other(
    make: Callable[..., Schedule], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(root: str, path: Path, *rules: NameRules, may_be_link: bool = True) -> RootFacts:
        if root == "bad":
            raise KeyError("Maria Santos")
        return scan(root, path, *rules, may_be_link=may_be_link)

    monkeypatch.setattr(seeing, "scan", broken)
    schedule = make()
    schedule.drop("good")
    with logged() as lines:
        schedule.loop.set_roots(schedule.roots("bad", "good"))
        schedule.turn_until(lambda: schedule.ended() == [("good", EPOCH)], "the good root")
        seats = schedule.loop.seats
        schedule.turn_until(lambda: seats["bad"].due is not None, "the bad root's look to fail")
        schedule.now += 60
        schedule.turn_until(lambda: seats["bad"].lane.failures == 2, "its next look")
        before = seats["good"].looked
        schedule.loop.hint("good")
        schedule.turn_until(lambda: seats["good"].looked is not before, "the good root's next look")
    assert "bug - -: a look broke: this is a bug" in lines
    said = [line for line in lines if line.startswith(("look-failed", "look-works"))]
    assert len(said) == 1
    assert said[0].startswith("look-failed bad -: the look failed: KeyError")
    assert "Maria" not in "".join(lines)
