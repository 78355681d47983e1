from __future__ import annotations

import os
import pwd
from datetime import timedelta

import pytest

from tests.cli.world import World
from tests.journal.world import NOON, record_in
from watcher.cli.replay import person
from watcher.clock import utc_now
from watcher.model.records import Request
from watcher.model.states import OPEN_STATES, State
from watcher.service import lock

EPOCH = "20260901-020000"
DONE = sorted(set(State) - OPEN_STATES - {State.WITHDRAWN})


def requests(world: World) -> tuple[Request, ...]:
    with world.journal() as journal:
        return journal.requests()


def put(world: World, state: State) -> None:
    with world.journal() as journal:
        record_in(journal, state, epoch=EPOCH)


@pytest.mark.parametrize("state", DONE)
def test_replay_of_what_is_over_is_asked_for(world: World, state: State) -> None:
    put(world, state)
    ran = world.run("replay", "north", EPOCH, "--reason", "grade 13\nis allowed")
    (request,) = requests(world)
    assert ran.code == 0
    assert ran.out == (
        f"asked for a replay of north {EPOCH}, which is {state}; "
        "no service is running: the next `epoch-watcher run` or `once` performs it\n"
    )
    assert (request.kind, request.root) == ("replay", "north")
    assert request.by == f"{person()} (grade 13\\nis allowed)"


@pytest.mark.parametrize("state", sorted(OPEN_STATES))
def test_replay_of_what_is_open_is_refused(world: World, state: State) -> None:
    put(world, state)
    ran = world.run("replay", "north", EPOCH)
    assert (ran.code, ran.out) == (1, "")
    assert f"is {state}: it is not finished, the service goes on with it by itself; `explain north` says" in ran.err
    assert requests(world) == ()


@pytest.mark.parametrize("state", [State.CLAIMED, State.ACCEPTED, State.DEFERRED])
def test_replay_of_what_waits_for_a_later_try_is_asked_for(world: World, state: State) -> None:
    with world.journal() as journal:
        record_in(
            journal, state, epoch=EPOCH, reason="the warehouse is down", retry_at=utc_now() + timedelta(minutes=9)
        )
    ran = world.run("replay", "north", EPOCH)
    assert ran.code == 0
    assert ran.out.startswith(f"asked for another try of north {EPOCH} at once, which is {state}; ")
    assert len(requests(world)) == 1


def test_replay_of_what_was_withdrawn_is_refused(world: World) -> None:
    put(world, State.WITHDRAWN)
    ran = world.run("replay", "north", EPOCH)
    assert ran.code == 1
    assert "nothing was taken" in ran.err
    assert requests(world) == ()


def test_replay_beside_the_service_says_when(world: World) -> None:
    put(world, State.REJECTED)
    with lock.hold(world.work / "lock", NOON):
        out = world.run("replay", "north", EPOCH).out
    assert out.endswith("; the running service performs it at its next look, in a few seconds\n")


@pytest.mark.parametrize("state", [State.LOADED, State.REJECTED, State.FAILED, State.SUPERSEDED])
def test_replay_that_would_put_older_data_over_newer_wants_to_be_told_so(world: World, state: State) -> None:
    put(world, state)
    with world.journal() as journal:
        record_in(journal, State.LOADED, epoch="20260902-020000")
    ran = world.run("replay", "north", EPOCH)
    assert (ran.code, requests(world)) == (1, ())
    assert f"north {EPOCH} is older than 20260902-020000, which was loaded" in ran.err
    assert world.run("replay", "north", EPOCH, "--older").code == 0
    assert len(requests(world)) == 1


def test_replay_of_an_earlier_take_than_the_loaded_one_is_older(world: World) -> None:
    put(world, State.LOADED)
    put(world, State.LOADED)
    ran = world.run("replay", "north", EPOCH, "--take", "1")
    assert (ran.code, requests(world)) == (1, ())
    assert f"north {EPOCH} is older than {EPOCH}.2, which was loaded" in ran.err
    assert world.run("replay", "north", EPOCH, "--take", "2").code == 0


def test_replay_is_not_held_up_by_the_name_of_a_wrong_clock(world: World) -> None:
    put(world, State.REJECTED)
    with world.journal() as journal:
        record_in(journal, State.LOADED, epoch="20990101-000000")
    assert world.run("replay", "north", EPOCH).code == 0


def test_replay_of_an_older_drop_is_plain_where_that_was_decided(world: World) -> None:
    put(world, State.HELD)
    put(world, State.REJECTED)
    with world.journal() as journal:
        record_in(journal, State.LOADED, epoch="20260902-020000")
    assert world.run("replay", "north", EPOCH, "--take", "1").code == 0
    assert world.run("replay", "north", EPOCH, "--take", "2").code == 1
    world.configure(options="late: load")
    assert world.run("replay", "north", EPOCH, "--take", "2").code == 0


def test_replay_twice_is_one_request_and_says_so(world: World) -> None:
    put(world, State.REJECTED)
    assert world.run("replay", "north", EPOCH, "--json").json["request"]["new"] is True
    assert world.run("replay", "north", EPOCH, "--json").json["request"]["new"] is False
    assert "was asked for already, by" in world.run("replay", "north", EPOCH).out
    assert len(requests(world)) == 1


def test_replay_of_an_earlier_take(world: World) -> None:
    put(world, State.REJECTED)
    put(world, State.CLAIMED)
    assert world.run("replay", "north", EPOCH).code == 1
    assert world.run("replay", "north", EPOCH, "--take", "1").code == 0
    with world.journal() as journal:
        assert journal.requests()[0].record_id == journal.find("north", EPOCH)[0].id


def test_replay_without_a_journal_makes_none(world: World) -> None:
    ran = world.run("replay", "north", EPOCH)
    assert ran.code == 1
    assert "there is no journal" in ran.err
    assert not any(world.work.iterdir())


def test_replay_is_performed_by_the_next_once(world: World) -> None:
    world.drop(EPOCH, students="id,name\n1,Ann\n")
    assert world.program("once").code == 0
    assert world.run("replay", "north", EPOCH, "--reason", "again").code == 0
    assert world.program("once").code == 0
    shown = world.run("show", "north", EPOCH, "--json").json
    assert (shown["state"], shown["run"], shown["requests"]) == ("loaded", 2, [])
    assert f"replayed by {person()} (again)" in [step["reason"] for step in shown["transitions"]]


def test_replay_signs_with_the_user_behind_a_timer(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_terminal() -> str:
        raise OSError

    monkeypatch.setattr(os, "getlogin", no_terminal)
    monkeypatch.delenv("SUDO_USER", raising=False)
    assert person() == pwd.getpwuid(os.getuid()).pw_name
    monkeypatch.setenv("SUDO_USER", "ann")
    assert person() == "ann"
