"""Trouble of our own that a look meets: it is tried again, and who asks is told what it was and when that will be."""

from __future__ import annotations

import errno
import os
import shutil
from datetime import timedelta
from typing import NoReturn

import pytest

from tests.service.conftest import MakeWorld
from tests.service.oneroot import SETTLE, OneRoot, logged
from watcher.errors import JournalError
from watcher.intake import claim
from watcher.journal import open_journal
from watcher.model.actions import Finish
from watcher.model.records import Notice
from watcher.model.states import State
from watcher.service.explaining import Explained, explain
from watcher.service.look import root_records
from watcher.service.trouble import Trouble, put_off

EPOCH = "20260901-020000"


def no_room(*_: object, **__: object) -> NoReturn:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "students.csv")


def explained(world: OneRoot) -> Explained:
    """As the command does it: in another process, by the journal."""
    with open_journal(world.settings.journal, read_only=True) as journal:
        return explain(world.lane.root, root_records(journal, "lakeview", world.now), world.now)


def test_trouble_is_explained_with_its_time_and_that_of_the_next_try(
    world: OneRoot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It said that the drop would be claimed now, and no more."""
    monkeypatch.setattr(claim, "take", no_room)
    world.drop()
    with logged() as lines:
        world.settle()
    (notice,) = explained(world).notices
    at, then = (f"{world.now + timedelta(seconds=later):%Y-%m-%d %H:%M:%S}" for later in (0, 5))
    assert (notice.kind, notice.subject) == ("trouble", EPOCH)
    assert notice.text.startswith(f"at the last try, {at}: could not claim: OSError: No space left on device: 'st")
    assert notice.text.endswith(f"; next try at {then}")
    assert f"action-failed lakeview {EPOCH}: could not claim: OSError: No space left on device" in lines[-1]


def test_trouble_that_goes_on_is_one_notice_of_the_last_try(world: OneRoot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claim, "take", no_room)
    world.drop()
    world.settle()
    for wait in (5, 10, 20):
        assert world.look().next_look_seconds
        world.advance(wait)
    world.look()
    (notice,) = explained(world).notices
    assert f"at the last try, {world.now:%Y-%m-%d %H:%M:%S}: " in notice.text
    assert [each.kind for each in world.context.journal.notices()].count("trouble") == 1


def test_trouble_leaves_one_notice_also_where_no_plan_tidies_up(world: OneRoot) -> None:
    """As while the root is away: each try left another one."""
    world.drop()
    world.settle()
    for _ in range(4):
        put_off(Trouble(Finish(world.record()), OSError(errno.ENOSPC, "full")), world.lane, world.context)
        world.advance(300)
    assert [notice.kind for notice in world.context.journal.notices()] == ["trouble"]


def test_trouble_that_is_over_is_forgotten(world: OneRoot, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as full:
        full.setattr(claim, "take", no_room)
        world.drop()
        world.settle()
        assert world.notices() == {EPOCH: "trouble"}
    world.work()
    assert (world.state(), world.notices()) == (State.LOADED, {})


def test_trouble_with_what_is_gone_is_forgotten_at_once(world: OneRoot, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the very look after: the root is idle then, and nobody would look at it again for an hour."""
    folder = world.drop()
    monkeypatch.setattr(world.context.journal, "intend", no_room)
    world.settle()
    assert world.notices() == {EPOCH: "trouble"}
    shutil.rmtree(folder)
    world.work()
    assert world.notices() == {}
    assert world.work().is_idle


def test_trouble_of_an_earlier_service_is_forgotten_at_the_first_look(
    world: OneRoot, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as full:
        full.setattr(claim, "take", no_room)
        world.drop()
        world.settle()
    world.restart()
    world.settle()
    assert world.notices() == {}


def test_trouble_for_whose_notice_there_is_no_room_either_is_in_the_log(
    world: OneRoot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> NoReturn:
        raise JournalError("the journal: database or disk is full")

    world.drop()
    world.work()
    world.advance(SETTLE)
    monkeypatch.setattr(claim, "take", no_room)
    monkeypatch.setattr(world.context.journal, "add_notice", full)
    with logged() as lines:
        assert world.look().next_look_seconds == 5
    assert [line.split()[0] for line in lines][-1] == "action-failed"


def stuck(world: OneRoot) -> Notice:
    (notice,) = (each for each in explained(world).notices if each.kind == "stuck-epoch")
    return notice


def test_stuck_epoch_names_the_trouble(make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """It said that `explain` says why, also in `explain`."""
    world = make_world(stale_seconds=20.0)
    world.drop()
    monkeypatch.setattr(world.context.journal, "intend", no_room)
    world.settle()
    world.advance(60)
    world.look()
    text = stuck(world).text
    assert text.startswith("complete, and not taken for 0:0")
    assert "at the last try, 20" in text
    assert "No space left on device" in text
    (said,) = (each.text for each in world.context.journal.notices() if each.kind == "stuck-epoch")
    assert "No space left on device" in said


def test_stuck_epoch_names_what_it_waits_for(make_world: MakeWorld) -> None:
    world = make_world(stale_seconds=0.0)
    folder = world.drop()
    world.advance(60)
    with (folder / "students.csv").open("a"):
        assert "students.csv is still open for writing" in stuck(world).text


def test_stuck_epoch_of_which_nothing_is_known_says_where_to_look(make_world: MakeWorld) -> None:
    world = make_world(stale_seconds=0.0)
    world.drop()
    world.advance(60)
    assert "the service's log may name some, and `doctor` tries" in stuck(world).text
