from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from tests.cli.world import World
from tests.journal.world import NOON, intend, record_in
from watcher.cli.listing import moment
from watcher.clock import utc_now
from watcher.model.records import Notice
from watcher.model.states import State, folder_of
from watcher.service import lock


@contextmanager
def running(world: World) -> Iterator[None]:
    """As a running service: its lock is held."""
    with lock.hold(world.work / "lock", NOON):
        yield


def only_root(world: World) -> dict[str, object]:
    (root,) = world.run("status", "--json").json["roots"]
    assert isinstance(root, dict)
    return root


# the service


def test_status_of_a_service_that_runs_tells_who(world: World) -> None:
    world.journal().close()
    with running(world):
        ran = world.run("status")
    assert ran.code == 0
    assert ran.out.startswith(f"the service is running: process {os.getpid()} on ")


def test_status_of_a_service_that_does_not_run_wants_a_person(world: World) -> None:
    world.journal().close()
    ran = world.run("status")
    assert ran.code == 1
    assert ran.out.startswith("the service is not running")
    assert world.run("status", "--json").json["service"]["running"] is False


def test_status_before_the_first_start_lists_the_roots(world: World) -> None:
    ran = world.run("status")
    assert ran.code == 1
    assert "there is no journal" in ran.out
    assert any(line.startswith("north") for line in ran.out.splitlines())
    assert not any(world.work.iterdir())


# roots


def test_status_shows_newest_drop_last_loaded_epoch_and_counts(world: World) -> None:
    with world.journal() as journal:
        record_in(journal, State.LOADED, epoch="20260301-120000")
        record_in(journal, State.REJECTED, epoch="20260302-120000")
        record_in(journal, State.CLAIMED, epoch="20260303-120000")
        intend(journal, epoch="20260304-120000")
    with running(world):
        ran = world.run("status")
        root = only_root(world)
    (line,) = (line for line in ran.out.splitlines() if line.startswith("north"))
    assert line.split() == ["north", "20260304-120000", "claiming", *line.split()[3:5], "20260301-120000", "2", *"---"]
    assert ran.code == 0
    assert root["counts"] == {"claimed": 1, "claiming": 1, "loaded": 1, "rejected": 1}
    assert root["open"] == 2


def test_status_of_a_held_drop_wants_a_decision(world: World) -> None:
    with world.journal() as journal:
        record_in(journal, State.HELD)
    with running(world):
        assert world.run("status").code == 1
        assert only_root(world)["wants"] == "a decision on what is held"


def test_status_of_a_held_drop_wants_no_decision_once_something_newer_was_loaded(world: World) -> None:
    with world.journal() as journal:
        held = record_in(journal, State.HELD, epoch="20260301-120000")
        newer = record_in(journal, State.ACCEPTED, epoch="20260303-120000")
        journal.move(newer, State.LOADED, at=held.since + timedelta(hours=9), place=folder_of(State.LOADED))
    with running(world):
        assert world.run("status").code == 0
        root = only_root(world)
    assert (root["held"], root["wants"]) == (1, None)


def test_status_of_a_failed_drop_wants_a_look_until_a_later_one_is_loaded(world: World) -> None:
    with world.journal() as journal, running(world):
        record_in(journal, State.LOADED, epoch="20260301-120000")
        record_in(journal, State.FAILED, epoch="20260302-120000")
        assert world.run("status").code == 1
        assert only_root(world)["failed"] == 1
        record_in(journal, State.LOADED, epoch="20260303-120000")
        assert world.run("status").code == 0
        assert only_root(world)["failed"] == 0


@pytest.mark.parametrize("state", [State.CLAIMED, State.ACCEPTED, State.DEFERRED])
def test_status_tells_what_is_tried_again_later_and_why(world: World, state: State) -> None:
    later = utc_now() + timedelta(minutes=9)
    with world.journal() as journal:
        record_in(
            journal, state, epoch="20260301-120000", reason="students.yaml:3: unknown key\n'fyles'", retry_at=later
        )
        record_in(journal, State.CLAIMED, epoch="20260302-120000", retry_at=utc_now() - timedelta(minutes=9))
    with running(world):
        ran = world.run("status")
        root = only_root(world)
    assert ran.code == 1
    assert ran.out.splitlines()[-1] == (
        f"north: 20260301-120000 is {state}, tried again at {moment(later)}: students.yaml:3: unknown key\\n'fyles'"
    )
    assert '"epoch": "20260301-120000"' in json.dumps(root["waiting"])
    assert '"epoch": "20260302-120000"' not in json.dumps(root["waiting"])
    assert root["wants"] == "a look at what waits"


def test_status_of_a_root_that_is_gone_says_why(world: World) -> None:
    world.journal().close()
    shutil.rmtree(world.root)
    with running(world):
        ran = world.run("status")
    assert ran.code == 1
    assert f"north: {world.root}: No such file or directory" in ran.out


def test_status_shows_drops_of_a_root_that_is_no_longer_configured(world: World) -> None:
    with world.journal() as journal:
        record_in(journal, State.CLAIMED, root="south")
    with running(world):
        roots = world.run("status", "--json").json["roots"]
    assert [(root["root"], root["problem"]) for root in roots] == [
        ("north", None),
        ("south", "it is no longer configured"),
    ]


def test_status_of_a_failed_drop_of_a_root_that_is_gone_wants_no_one(world: World) -> None:
    """What is over and belongs to no root any more is history."""
    with world.journal() as journal:
        record_in(journal, State.FAILED, root="south", delivered=True)
    with running(world):
        assert world.run("status").code == 0


# notices


def test_status_counts_notices_and_lists_them_when_asked(world: World) -> None:
    with world.journal() as journal:
        journal.add_notice(Notice("north", "unknown-entry", "a\nb", "1", "a file that is no drop"))
        record_in(journal, State.LOADED, source_left=True)
    with running(world):
        short, long = world.run("status").out, world.run("status", "-v").out
    assert [line.split()[-1] for line in short.splitlines() if line.startswith("north")] == ["2"]
    assert r"north: unknown-entry a\nb: a file that is no drop" in long.splitlines()
    assert "north: source-left 20260301-120000: taken as a copy; the original can't be removed" in long.splitlines()
