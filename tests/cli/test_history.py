from __future__ import annotations

from tests.cli.world import World
from tests.journal.world import record_in
from watcher.model.states import State


def test_history_lists_newest_first(world: World) -> None:
    with world.journal() as journal:
        record_in(journal, State.LOADED, epoch="20260302-120000", rows=1234)
        record_in(journal, State.REJECTED, epoch="20260301-120000", errors=7)
    ran = world.run("history")
    lines = ran.out.splitlines()
    assert ran.code == 0
    assert lines[0].split() == ["WHEN", "ROOT", "EPOCH", "STATE", "FILES", "ROWS", "ERRORS", "REASON"]
    assert lines[1].split()[2:] == ["north", "20260301-120000", "rejected", "1", "-", "7"]
    assert lines[2].split()[2:] == ["north", "20260302-120000", "loaded", "1", "1,234", "-"]


def test_history_of_a_root_a_state_and_a_limit(world: World) -> None:
    with world.journal() as journal:
        for root in ("north", "south"):
            for day in (1, 2, 3):
                record_in(journal, State.LOADED, root, f"2026030{day}-120000")
            record_in(journal, State.FAILED, root, "20260304-120000")
    found = [(d["root"], d["epoch"]) for d in world.run("history", "south", "--json").json["drops"]]
    assert found == [("south", f"2026030{day}-120000") for day in (4, 3, 2, 1)]
    found = [
        (d["root"], d["epoch"])
        for d in world.run("history", "--state", "loaded", "--limit", "2", "--json").json["drops"]
    ]
    assert found == [("south", "20260303-120000"), ("south", "20260302-120000")]


def test_history_shows_each_take(world: World) -> None:
    with world.journal() as journal:
        record_in(journal, State.REJECTED)
        record_in(journal, State.LOADED)
    assert [line.split()[3] for line in world.run("history").out.splitlines()[1:]] == [
        "20260301-120000.2",
        "20260301-120000",
    ]


def test_history_json_tells_times_in_utc_and_what_is_unknown_as_null(world: World) -> None:
    with world.journal() as journal:
        record_in(journal, State.CLAIMED)
    (drop,) = world.run("history", "--json").json["drops"]
    assert drop["since"] == "2026-03-01T12:00:00Z"
    assert drop["rows"] is None


def test_history_reason_with_a_newline_stays_on_its_line(world: World) -> None:
    with world.journal() as journal:
        record = record_in(journal, State.ACCEPTED)
        journal.move(record, State.FAILED, reason="loader\nnorth 20260301-120000 loaded \x1b[2J")
    out = world.run("history").out
    assert len(out.splitlines()) == 2
    assert "\x1b" not in out


def test_history_without_drops_prints_nothing(world: World) -> None:
    world.journal().close()
    ran = world.run("history")
    assert (ran.code, ran.out, ran.err) == (0, "", "no drops\n")


def test_history_without_journal_says_so_and_makes_none(world: World) -> None:
    ran = world.run("history")
    assert ran.code == 1
    assert "there is no journal" in ran.err
    assert not any(world.work.iterdir())
