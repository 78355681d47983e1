"""Hand-off: several loaders, later tries, refusals, order within a root, and replays."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.service.conftest import MakeWorld
from tests.service.oneroot import BAD, GOOD, SETTLE, Later, OneRoot, Scripted, logged
from watcher.config import Late
from watcher.model.actions import WaitFor
from watcher.model.records import Ending, Step
from watcher.model.states import State
from watcher.service.tasks import ValidateTask

EPOCH, NEXT = "20260901-020000", "20260902-020000"


@pytest.fixture
def told(make_world: MakeWorld, scripted: Scripted) -> OneRoot:
    """A world with the scripted loader alone."""
    return make_world(loaders={"warehouse": scripted.loader})


# no loader, several


def test_load_without_a_loader_ends_as_loaded(make_world: MakeWorld) -> None:
    world = make_world(loaders={}, dataset="students")
    world.change(loaders=())
    world.drop()
    world.settle()
    assert world.transitions()[-1].reason == "no loader is configured"
    assert world.state() is State.LOADED


def test_load_second_loader_that_fails_keeps_what_the_first_has(make_world: MakeWorld, scripted: Scripted) -> None:
    laid = {"type": "files", "folder": str(scripted.folder.parent / "laid")}
    world = make_world(loaders={"laid": laid, "warehouse": scripted.loader})
    scripted.answers("later", "ok")
    world.drop()
    world.settle()
    assert (world.state(), world.record().loaded_by) == (State.DEFERRED, ("laid",))
    world.advance(60)
    world.work()
    assert (world.state(), world.record().loaded_by) == (State.LOADED, ("laid", "warehouse"))
    attempts = world.context.journal.attempts(world.record().id)
    assert [a.loader for a in attempts if a.step is Step.LOAD] == ["laid", "warehouse", "warehouse"]


def test_load_second_loader_that_refuses_fails_the_drop(make_world: MakeWorld, scripted: Scripted) -> None:
    laid = {"type": "files", "folder": str(scripted.folder.parent / "laid")}
    world = make_world(loaders={"laid": laid, "warehouse": scripted.loader})
    scripted.answers("never")
    world.drop()
    world.settle()
    assert world.state() is State.FAILED
    assert world.record().reason == "loader warehouse refused it: a column is missing in the warehouse"
    assert world.loaded() == {EPOCH: GOOD}


# later tries


def test_load_deferred_backs_off_twice_as_long_each_time_then_loads(told: OneRoot, scripted: Scripted) -> None:
    scripted.answers("later", "later", "later", "ok")
    told.drop()
    told.settle()
    waits = []
    while told.state() is State.DEFERRED:
        retry_at = told.record().retry_at
        assert retry_at is not None
        waits.append((retry_at - told.now).total_seconds())
        told.advance(waits[-1] - 0.1)
        told.work()
        assert told.state() is State.DEFERRED
        told.advance(0.1)
        told.work()
    assert waits == [60, 120, 240]
    assert scripted.calls() == [EPOCH] * 4
    assert scripted.closings() == 4
    assert told.history()[-2:] == [State.DEFERRED, State.LOADED]
    assert told.record().retry_at is None


def test_load_deferred_waits_as_long_as_the_loader_asks(told: OneRoot, scripted: Scripted) -> None:
    scripted.answers("later:7")
    told.drop()
    looked = told.settle()
    assert looked.next_look_seconds == pytest.approx(7)
    at, then = (f"{told.now + timedelta(seconds=later):%Y-%m-%d %H:%M:%S}" for later in (0, 7))
    reason = looked.plan.waits[0].reason
    assert reason == f"at the last try, {at}: loader warehouse: the warehouse is down; next try at {then}"


def test_load_deferred_survives_a_restart(told: OneRoot, scripted: Scripted) -> None:
    """Retries back off in the journal, not in memory."""
    scripted.answers("later:600")
    told.drop()
    told.settle()
    told.restart()
    told.work()
    assert scripted.calls() == [EPOCH]
    told.advance(600)
    told.work()
    assert told.state() is State.LOADED


def test_load_deferred_for_too_long_is_given_up(told: OneRoot, scripted: Scripted) -> None:
    scripted.answers(*["later"] * 200)
    told.drop()
    told.settle()
    while told.state() is State.DEFERRED:
        told.advance(3600)
        told.work()
    assert told.state() is State.FAILED
    assert "asked for a later try for too long; loader warehouse: the warehouse is down" in told.record().reason
    assert told.now - told.began >= timedelta(hours=72)


def test_load_that_breaks_is_tried_as_often_as_allowed_and_fails(told: OneRoot, scripted: Scripted) -> None:
    scripted.answers(*["break"] * 9)
    told.drop()
    with logged() as lines:
        told.settle()
        for _ in range(4):
            told.advance(600)
            told.work()
    assert told.state() is State.FAILED
    assert scripted.calls() == [EPOCH] * 3
    assert scripted.closings() == 3
    assert "Maria" not in "".join(lines) + told.record().reason + "".join(told.results().values())
    assert "ValueError" in told.record().reason


def test_load_refused_fails_at_once(told: OneRoot, scripted: Scripted) -> None:
    scripted.answers("never")
    told.drop()
    told.settle()
    assert (told.state(), scripted.calls()) == (State.FAILED, [EPOCH])
    assert set(told.kept("failed")) == {EPOCH}


def test_load_cut_off_by_a_crash_counts_and_is_done_again(make_world: MakeWorld, scripted: Scripted) -> None:
    workers = Later()
    world = make_world(workers=workers, loaders={"warehouse": scripted.loader})
    world.drop()
    world.look()
    world.advance(SETTLE)
    world.look()
    workers.run()
    world.look()
    assert len(workers.tasks) == 1  # the load
    workers.tasks.clear()
    world.restart()
    world.look()
    workers.run()
    world.look()
    endings = [(a.step, a.ending) for a in world.context.journal.attempts(world.record().id)]
    assert endings == [(Step.VALIDATE, Ending.DONE), (Step.LOAD, None), (Step.LOAD, Ending.DONE)]
    assert world.state() is State.LOADED


def test_load_cut_off_three_times_is_given_up(make_world: MakeWorld) -> None:
    """A drop that ends the whole service each time must not do so for ever."""
    workers = Later()
    world = make_world(workers=workers)
    world.drop()
    world.look()
    world.advance(SETTLE)
    for _ in range(3):
        world.look()
        assert len(workers.tasks) == 1
        workers.tasks.clear()
        world.restart()
    world.work()
    assert world.state() is State.FAILED
    assert "its validation broke 3 times; the service was cut off" in world.record().reason


class Keeps(Later):
    """Keeps what each task is about."""

    argument: Any = None

    def submit(self, function: Callable[[Any], Any], argument: Any, timeout_seconds: float) -> Future[Any]:
        self.argument = argument
        return super().submit(function, argument, timeout_seconds)


def test_validation_is_told_how_many_workers_share_the_processors(make_world: MakeWorld) -> None:
    workers = Keeps()
    world = make_world(workers=workers, settings={"workers": 3})
    world.drop()
    world.look()
    world.advance(SETTLE)
    world.look()
    assert isinstance(workers.argument, ValidateTask)
    assert workers.argument.workers == 3


# order within a root


def test_load_epochs_of_one_root_go_in_the_order_of_their_names(told: OneRoot, scripted: Scripted) -> None:
    names = [f"202609{day:02}-020000" for day in (9, 1, 5, 3, 12)]
    for name in names:
        told.drop(name)
    told.settle()
    assert scripted.calls() == sorted(names)


def test_load_a_deferred_epoch_holds_up_those_behind_it(told: OneRoot, scripted: Scripted) -> None:
    scripted.answers("later")
    told.drop()
    told.drop(NEXT)
    looked = told.settle()
    assert told.states() == {EPOCH: State.DEFERRED, NEXT: State.CLAIMED}
    assert [wait.waits_for for wait in looked.plan.waits] == [WaitFor.RETRY, WaitFor.TURN]
    told.advance(60)
    told.work()
    assert scripted.calls() == [EPOCH, EPOCH, NEXT]


def test_load_a_rejected_epoch_does_not_hold_up_those_behind_it(told: OneRoot, scripted: Scripted) -> None:
    told.drop(files=BAD)
    told.drop(NEXT)
    told.settle()
    assert told.states() == {EPOCH: State.REJECTED, NEXT: State.LOADED}


def test_load_an_earlier_epoch_that_is_complete_but_not_settled_comes_first(told: OneRoot, scripted: Scripted) -> None:
    told.drop(NEXT)
    told.work()
    told.advance(SETTLE - 1)
    told.drop()
    told.work()
    told.advance(1)
    looked = told.work()
    assert told.records() == ()
    assert {wait.waits_for for wait in looked.plan.waits} == {WaitFor.SETTLE, WaitFor.TURN}
    told.advance(SETTLE)
    told.work()
    assert scripted.calls() == [EPOCH, NEXT]


@pytest.mark.parametrize(
    ("late", "state", "calls"),
    [
        (Late.HOLD, State.HELD, [NEXT]),
        (Late.REJECT, State.REJECTED, [NEXT]),
        (Late.LOAD, State.LOADED, [NEXT, EPOCH]),
    ],
)
def test_load_late_epoch_as_the_root_says(
    make_world: MakeWorld, scripted: Scripted, late: Late, state: State, calls: list[str]
) -> None:
    world = make_world(loaders={"warehouse": scripted.loader}, late=late)
    world.drop(NEXT)
    world.settle()
    world.drop()
    world.settle()
    assert (world.state(), scripted.calls()) == (state, calls)
    report = world.results()[f"{EPOCH}.txt"]
    told_of_it = f"it is late: {NEXT} is newer and was loaded before" in report.replace("\n", " ")
    assert told_of_it == (state is not State.LOADED)


def test_load_late_epoch_with_errors_is_rejected_not_held(told: OneRoot) -> None:
    told.drop(NEXT)
    told.settle()
    told.drop(files=BAD)
    told.settle()
    assert told.state() is State.REJECTED


# replays


def end_rejected(world: OneRoot, scripted: Scripted) -> None:
    world.drop(files=BAD)
    world.settle()


def end_loaded(world: OneRoot, scripted: Scripted) -> None:
    world.drop()
    world.settle()


def end_failed(world: OneRoot, scripted: Scripted) -> None:
    scripted.answers("never")
    world.drop()
    world.settle()


def end_held(world: OneRoot, scripted: Scripted) -> None:
    world.drop(NEXT)
    world.settle()
    world.drop()
    world.settle()


@pytest.mark.parametrize(
    ("end", "before", "after"),
    [
        (end_loaded, State.LOADED, State.LOADED),
        (end_rejected, State.REJECTED, State.REJECTED),
        (end_failed, State.FAILED, State.LOADED),
        (end_held, State.HELD, State.LOADED),
    ],
)
def test_replay_from_each_end_runs_the_drop_from_validation_on(
    told: OneRoot, scripted: Scripted, end: object, before: State, after: State
) -> None:
    end(told, scripted)  # type: ignore[operator]
    calls = scripted.calls().count(EPOCH)
    report = told.upload / "results" / f"{EPOCH}.txt"
    assert told.state() is before
    report.unlink()
    told.replay(told.record(), by="ann")
    with logged() as lines:
        told.work()
    record = told.record()
    assert (record.state, record.run, record.is_misplaced, record.delivered) == (after, 2, False, True)
    assert scripted.calls().count(EPOCH) == calls + (after is State.LOADED)
    assert report.exists()
    assert f"replayed lakeview {EPOCH}: replayed by ann" in lines
    assert told.context.journal.requests() == ()


def test_replay_of_what_is_still_under_way_is_refused_with_its_reason(make_world: MakeWorld) -> None:
    workers = Later()
    world = make_world(workers=workers)
    world.drop()
    world.settle()
    world.replay(world.record())
    world.work()
    assert (world.record().run, world.state(), len(workers.tasks)) == (1, State.CLAIMED, 1)
    assert world.context.journal.requests() == ()


def test_load_with_a_configured_wait_of_two_days_is_tried_after_one(make_world: MakeWorld, scripted: Scripted) -> None:
    """A wait of more than a day looks like that of a clock put back: the loader was called at once, and at each look."""
    scripted.answers(*["later"] * 5, "ok")
    world = make_world(loaders={"warehouse": scripted.loader}, settings={"retry_seconds": 172_800})
    world.drop()
    world.settle()
    world.advance(86_300)
    world.work()
    assert scripted.calls() == [EPOCH]
    world.advance(100)
    world.work()
    assert scripted.calls() == [EPOCH] * 2


def test_replay_of_what_waits_for_a_later_try_has_it_tried_at_once(told: OneRoot, scripted: Scripted) -> None:
    scripted.answers("later:600", "later", "ok")
    told.drop()
    told.settle()
    for _ in range(2):
        told.replay(told.record(), by="ann")
        with logged() as lines:
            told.work()
        assert f"hurried lakeview {EPOCH}: tried at once for ann" in lines
        assert told.context.journal.requests() == ()
    assert (told.record().run, told.state()) == (1, State.LOADED)
    assert scripted.calls() == [EPOCH] * 3


def test_replay_for_another_try_that_comes_after_it_is_no_replay(told: OneRoot, scripted: Scripted) -> None:
    """The drop was loaded meanwhile: run again, it might go over newer ones, and nobody asked for that."""
    scripted.answers("later:600", "ok")
    told.drop()
    told.settle()
    told.replay(told.record())
    wished, told.lane.requests = told.lane.requests, ()
    told.advance(600)
    told.work()
    told.lane.requests = wished
    told.work()
    assert (told.record().run, told.state(), scripted.calls()) == (1, State.LOADED, [EPOCH] * 2)
    assert told.context.journal.requests() == ()


@pytest.mark.parametrize("answer", ["later:600", "break"])
def test_hurried_look_tries_what_waits_at_once_and_only_once(told: OneRoot, scripted: Scripted, answer: str) -> None:
    scripted.answers(answer, answer, "ok")
    told.drop()
    told.settle()
    told.lane.hurries = True
    told.work()
    assert scripted.calls() == [EPOCH] * 2
    assert told.record().waits_for_a_try(told.now)


def test_replay_gets_its_own_tries(told: OneRoot, scripted: Scripted) -> None:
    """The three tries of the first run are not held against the second."""
    scripted.answers(*["break"] * 5)
    told.drop()
    told.settle()
    for _ in range(3):
        told.advance(600)
        told.work()
    assert told.state() is State.FAILED
    told.replay(told.record())
    told.work()
    told.advance(60)
    told.work()
    told.advance(120)
    told.work()
    assert told.state() is State.LOADED
    assert scripted.calls() == [EPOCH] * 6


def test_replay_uses_the_dataset_as_it_is_now(make_world: MakeWorld, tmp_path: Path, scripted: Scripted) -> None:
    world = make_world(loaders={"warehouse": scripted.loader}, dataset="students")
    world.drop(files={**GOOD, "students.csv": b"student_id\n1\n"})
    world.settle()
    assert world.state() is State.REJECTED
    world.change(dataset="plain")
    world.replay(world.record())
    world.work()
    assert (world.state(), world.record().dataset) == (State.LOADED, "plain")


# odd answers


@pytest.mark.parametrize("answer", ["later:inf", "later:nan", "later:1e12", "later:-5"])
def test_load_odd_wait_of_a_loader_is_held_to_sense(told: OneRoot, scripted: Scripted, answer: str) -> None:
    scripted.answers(answer)
    told.drop()
    told.settle()
    record = told.record()
    assert record.state is State.DEFERRED
    assert record.retry_at is not None
    assert timedelta(seconds=1) <= record.retry_at - record.since <= timedelta(days=1)


def test_load_loader_that_returns_nothing_breaks_the_try_and_names_its_mistake(
    told: OneRoot, scripted: Scripted
) -> None:
    scripted.answers("odd")
    told.drop()
    told.settle()
    assert "load() returned NoneType, expected Loaded" in told.record().reason
