from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.world import World, make_world
from tests.journal.world import record_in
from watcher.model.records import Ending, Notice, RequestKind, Step
from watcher.model.states import State

EPOCH = "20260901-020000"


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the program itself took one drop and rejected it."""
    folder = tmp_path_factory.mktemp("judged")
    world = make_world(folder, None)  # type: ignore[arg-type]  # nothing runs in this process
    world.drop(students="id,name\n1,Ann,and more\n")
    assert world.program("once").code == 1
    return folder


@pytest.fixture
def rejected(judged: Path, capsys: pytest.CaptureFixture[str]) -> World:
    return World(judged, capsys)


def test_show_tells_states_attempts_files_report_and_place(rejected: World) -> None:
    ran = rejected.run("show", "north", EPOCH)
    assert ran.code == 0
    assert f"lies in:     {rejected.work}/rejected/north/{EPOCH}" in ran.out
    for state in ("claiming", "claimed", "rejected"):
        assert any(line.split()[2:3] == [state] for line in ran.out.splitlines())
    assert any(line.split()[5:6] == ["validate"] for line in ran.out.splitlines())
    assert any(line.split()[-1:] == ["students.csv"] for line in ran.out.splitlines())
    assert "ragged-row" in ran.out


def test_show_json_holds_the_report_as_it_was_written(rejected: World) -> None:
    shown = rejected.run("show", "north", EPOCH, "--json").json
    assert shown["state"] == "rejected"
    assert [step["after"] for step in shown["transitions"]] == ["claiming", "claimed", "rejected"]
    assert [(a["step"], a["ending"]) for a in shown["attempts"]] == [("validate", "done")]
    assert shown["report"] == json.loads(Path(shown["folder"], "report.json").read_text())
    assert shown["report"]["verdict"] == "rejected"


@pytest.mark.parametrize(("form", "name"), [("text", "report.txt"), ("json", "report.json"), ("html", "report.html")])
def test_show_prints_the_report_alone(rejected: World, form: str, name: str) -> None:
    ran = rejected.run("show", "north", EPOCH, "--report", form)
    assert ran.out == (rejected.work / "rejected" / "north" / EPOCH / name).read_text()


# what is not there


def test_show_unknown_root_names_status(rejected: World) -> None:
    ran = rejected.run("show", "nroth", EPOCH)
    assert (ran.code, ran.out) == (1, "")
    assert "no drop of this root was ever claimed; `status` lists the roots" in ran.err


def test_show_unknown_epoch_names_history_and_explain(rejected: World) -> None:
    ran = rejected.run("show", "north", "20260902-020000")
    assert ran.code == 1
    assert "`history north` lists them, `explain north` tells" in ran.err


def test_show_take_picks_one_of_several(world: World) -> None:
    with world.journal() as journal:
        record_in(journal, State.REJECTED, epoch=EPOCH)
        record_in(journal, State.CLAIMED, epoch=EPOCH)
    assert world.run("show", "north", EPOCH, "--json").json["state"] == "claimed"
    assert world.run("show", "north", EPOCH, "--take", "1", "--json").json["state"] == "rejected"
    assert "there is no take 3; it came 2 times" in world.run("show", "north", EPOCH, "--take", "3").err


def test_show_without_a_report_says_so(world: World) -> None:
    with world.journal() as journal:
        record_in(journal, State.CLAIMED, epoch=EPOCH)
    assert "there is no report in" in world.run("show", "north", EPOCH).out
    assert world.run("show", "north", EPOCH, "--json").json["report"] is None
    ran = world.run("show", "north", EPOCH, "--report", "html")
    assert (ran.code, ran.out) == (1, "")


def test_show_a_damaged_report_says_so(world: World) -> None:
    with world.journal() as journal:
        record_in(journal, State.REJECTED, epoch=EPOCH)
    envelope = world.work / "rejected" / "north" / EPOCH
    envelope.mkdir(parents=True)
    (envelope / "report.json").write_text("{")
    shown = world.run("show", "north", EPOCH, "--json").json
    assert shown["report"] is None
    assert "is damaged; `replay` makes a new one" in shown["report_problem"]


def test_show_does_not_follow_a_link_in_place_of_a_report(world: World) -> None:
    with world.journal() as journal:
        record_in(journal, State.REJECTED, epoch=EPOCH)
    envelope = world.work / "rejected" / "north" / EPOCH
    envelope.mkdir(parents=True)
    (envelope / "report.txt").symlink_to("/etc/passwd")
    ran = world.run("show", "north", EPOCH, "--report", "text")
    assert (ran.code, ran.out) == (1, "")


# what people and the service noted


def test_show_tells_attempts_without_an_end_notices_and_open_requests(world: World) -> None:
    with world.journal() as journal:
        record = record_in(journal, State.FAILED, epoch=EPOCH, source_left=True)
        attempt = journal.begin_attempt(record, Step.LOAD, "warehouse")
        journal.begin_attempt(record, Step.LOAD, "warehouse")
        journal.end_attempt(attempt, Ending.BROKE, reason="out\nof memory")
        journal.add_notice(Notice("north", "stale-epoch", EPOCH, "1", "incomplete"))
        journal.add_notice(Notice("north", "stale-epoch", "20260902-020000", "1", "another's"))
        journal.request(RequestKind.REPLAY, record, "ann (again)")
    out = world.run("show", "north", EPOCH).out
    assert [line.split()[-4:] for line in out.splitlines() if "broke" in line] == [
        ["warehouse", "broke", r"out\nof", "memory"]
    ]
    assert "no end known" in out
    assert "stale-epoch 20260901-020000: incomplete" in out
    assert "another's" not in out
    assert "replay:      asked for by ann (again)" in out
    assert "original:    could not be removed from the root" in out


def test_show_withdrawn_drop_lies_nowhere(world: World) -> None:
    with world.journal() as journal:
        record_in(journal, State.WITHDRAWN, epoch=EPOCH)
    assert "lies in:     nothing was taken" in world.run("show", "north", EPOCH).out
