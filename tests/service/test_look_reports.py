"""Reports that can't be put into `results/` at once: they are tried again until they can, and nothing waits for them."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.service.conftest import MakeWorld
from tests.service.oneroot import BAD, Later, OneRoot, logged
from watcher.journal import open_journal
from watcher.model.actions import WaitFor
from watcher.model.states import State
from watcher.service import delivery
from watcher.service.explaining import explain
from watcher.service.look import root_records

EPOCH, NEXT = "20260901-020000", "20260902-020000"
BOTH = [f"{EPOCH}.html", f"{EPOCH}.txt"]
DAY = 86_400.0


def fails(monkeypatch: pytest.MonkeyPatch, code: int) -> list[str]:
    """Have each try to put a report end with this errno; the root of each try."""
    tries: list[str] = []

    def put(root: Path, *_: object, **__: object) -> None:
        tries.append(root.name)
        raise OSError(code, os.strerror(code), "results")

    monkeypatch.setattr(delivery, "put_results", put)
    return tries


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.ESTALE])
def test_report_is_tried_again_after_longer_and_longer_waits(
    world: OneRoot, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    tries = fails(monkeypatch, code)
    world.drop()
    with logged() as lines:
        world.settle()
        waits = []
        for _ in range(12):
            looked = world.work()
            waits.append(looked.next_look_seconds or 0.0)
            world.advance(waits[-1])
        world.work()
    assert waits[:4] == [10, 10, 20, 40]
    assert waits[-1] == 3600
    assert len(tries) == 13
    (said,) = (line for line in lines if line.startswith(f"results-failed lakeview {EPOCH}"))
    assert said.endswith(f"the report could not be put into results/: {os.strerror(code)}; it is tried again")
    assert (world.state(), world.record().delivered) == (State.LOADED, False)


def test_report_that_waits_holds_up_no_later_drop(world: OneRoot, monkeypatch: pytest.MonkeyPatch) -> None:
    fails(monkeypatch, errno.ENOSPC)
    world.drop()
    world.settle()
    world.drop(NEXT)
    world.settle()
    assert world.states() == {EPOCH: State.LOADED, NEXT: State.LOADED}


def restart(world: OneRoot) -> None:
    world.restart()


def reload(world: OneRoot) -> None:
    world.lane.hurries = True


@pytest.mark.parametrize("begin", [restart, reload])
def test_report_that_waits_is_tried_at_once_after_a_restart_or_a_reload(
    world: OneRoot, monkeypatch: pytest.MonkeyPatch, begin: Callable[[OneRoot], None]
) -> None:
    with monkeypatch.context() as full:
        fails(full, errno.ENOSPC)
        world.drop()
        world.settle()
        world.advance(5 * 3600)
        world.work()
    world.work()
    assert world.results() == {}
    begin(world)
    world.work()
    assert (sorted(world.results()), world.notices()) == (BOTH, {})


def a_file(path: Path) -> None:
    path.touch()


def a_link(path: Path) -> None:
    path.symlink_to(path.parent.parent)


def test_report_that_a_folder_of_its_name_keeps_out_names_it(world: OneRoot) -> None:
    (world.upload / "results" / BOTH[1]).mkdir(parents=True)
    world.drop()
    with logged() as lines:
        world.settle()
    (said,) = [line for line in lines if "could not be put into results/" in line]
    assert f"Is a directory: {BOTH[1]}" in said


@pytest.mark.parametrize(("make", "what"), [(a_file, "a file"), (a_link, "a link")])
def test_report_in_whose_way_the_sender_put_something_is_said_once_and_delivered_when_that_is_gone(
    world: OneRoot, make: Callable[[Path], None], what: str
) -> None:
    make(world.upload / "results")
    world.drop()
    with logged() as lines:
        world.settle()
        world.settle(DAY)
        world.settle(DAY)
    said = [line for line in lines if "could not be put into results/" in line]
    assert len(said) == 1
    assert f"{what} has that name, which is the sender's to remove; it is tried again" in said[0]
    assert world.notices() == {EPOCH: "results-failed"}
    (world.upload / "results").unlink()
    world.work()  # without waiting for the time of the next try
    assert (sorted(world.results()), world.notices()) == (BOTH, {})
    assert world.work().is_idle


def test_report_is_not_tried_anew_by_each_look_while_the_way_is_shut(
    world: OneRoot, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = fails(monkeypatch, errno.EACCES)
    world.drop()
    world.settle()
    for _ in range(5):
        world.work()
    assert len(tries) == 1
    (world.upload / "results").mkdir(0o700)
    world.work()
    assert len(tries) == 2


def test_report_that_waits_is_explained_with_its_reason_and_the_next_try(
    world: OneRoot, monkeypatch: pytest.MonkeyPatch
) -> None:
    fails(monkeypatch, errno.ENOSPC)
    world.drop()
    world.settle()
    world.advance(1)
    with open_journal(world.settings.journal, read_only=True) as journal:
        explained = explain(world.lane.root, root_records(journal, "lakeview", world.now), world.now)
    assert explained.actions == ()
    (wait,) = explained.waits
    assert (wait.subject, wait.waits_for, wait.seconds) == (EPOCH, WaitFor.RETRY, 9)
    assert wait.reason.startswith("the report could not be put into results/: No space left on device; next try at 20")
    assert [(notice.kind, notice.subject) for notice in explained.notices] == [("results-failed", EPOCH)]


def test_report_that_finds_no_way_for_a_month_is_given_up(world: OneRoot, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a root that nobody mends would have the service read ever more open records at each look."""
    fails(monkeypatch, errno.EACCES)
    world.drop()
    world.settle()
    world.advance(29 * DAY)
    world.work()
    assert not world.record().delivered
    world.advance(DAY)
    with logged() as lines:
        world.work()
    assert world.record().delivered
    assert [line.split()[0] for line in lines] == ["results-given-up"]
    assert world.notices() == {}


def test_report_that_can_not_be_written_whole_leaves_no_part(world: OneRoot) -> None:
    """Here the page can't be put in place, since the sender has a folder by its name."""
    (world.upload / "results" / f"{EPOCH}.html").mkdir(parents=True)
    world.drop()
    world.settle()
    assert os.listdir(world.upload / "results") == [f"{EPOCH}.html"]
    (world.upload / "results" / f"{EPOCH}.html").rmdir()
    world.advance(10)
    world.work()
    assert sorted(world.results()) == BOTH


def test_replay_of_a_drop_whose_report_waits_is_a_replay(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    workers = Later()
    world = make_world(workers=workers)
    fails(monkeypatch, errno.ENOSPC)
    world.drop(files=BAD)
    world.settle()
    workers.run()
    world.work()
    assert (world.state(), world.record().retry_at is not None) == (State.REJECTED, True)
    world.replay(world.record())
    world.look()
    assert (world.state(), world.record().run, world.record().retry_at) == (State.CLAIMED, 2, None)
