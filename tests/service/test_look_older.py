"""Several loose files of one kind in a root: the newest is loaded, the others are kept, and everybody can see which."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from tests.service.oneroot import GATHER_SETTLE, GOOD, OneRoot, logged
from watcher.cli import main
from watcher.config import Late
from watcher.model.records import DropKind, Record
from watcher.model.states import Folder, State
from watcher.service.plan_loose import OLDER_PER_LOOK

STUDENTS, GUARDIANS = GOOD["students.csv"], GOOD["guardians.csv"]
OLD = STUDENTS.replace(b"Noah", b"Nora")


def put(world: OneRoot, **contents: bytes) -> None:
    """`students20260901=b"..."` makes students_auto20260901.csv."""
    for name, content in contents.items():
        stem = name.rstrip("0123456789")
        (world.upload / f"{stem}_auto{name.removeprefix(stem)}.csv").write_bytes(content)


def older_and_newer(world: OneRoot) -> tuple[Record, Record]:
    put(world, students20260831=OLD, students20260901=STUDENTS, guardians=GUARDIANS)
    world.settle(GATHER_SETTLE)
    older, newer = world.records()
    return older, newer


def test_older_file_is_kept_in_the_archive_and_the_newest_is_loaded(world: OneRoot) -> None:
    older, newer = older_and_newer(world)
    assert (older.state, older.place, newer.state) == (State.SUPERSEDED, Folder.ARCHIVE, State.LOADED)
    assert older.epoch < newer.epoch
    assert world.history(older.epoch) == [State.CLAIMING, State.CLAIMED, State.SUPERSEDED]
    assert world.kept("archive")[older.folder_name] == {"students.csv": OLD, "COMPLETE": b""}
    assert world.loaded() == {newer.epoch: GOOD}
    assert [path.name for path in world.upload.iterdir()] == ["results"]
    assert world.kept("stage") == {}


def test_older_file_is_told_of_in_the_log_and_in_the_newest_ones_report(world: OneRoot) -> None:
    with logged() as lines:
        older, newer = older_and_newer(world)
    said = f"superseded, and kept as archive/lakeview/{older.epoch}: newer than its files: students_auto20260901.csv"
    assert [line for line in lines if "superseded" in line] == [f"superseded lakeview {older.epoch}: {said}"]
    report = " ".join(world.results()[f"{newer.epoch}.txt"].split())
    assert "students_auto20260901.csv was taken as the newest; 1 older file of its kind beside it" in report
    assert f"{older.epoch}.txt" not in world.results()


def test_older_files_are_told_of_by_history_and_show(
    world: OneRoot, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    older, _ = older_and_newer(world)
    config = tmp_path / "config.yaml"
    config.write_text(f"work_dir: {world.settings.work_dir}\nroots: [{{path: {world.upload}, name: lakeview}}]\n")
    for words in (["history", "lakeview", "--state", "superseded"], ["show", "lakeview", older.epoch]):
        assert main([*words, "--config", str(config)]) == 0
        assert "newer than its files: students_auto20260901.csv" in capsys.readouterr().out
    main(["status", "--json", "--config", str(config)])
    assert json.loads(capsys.readouterr().out)["roots"][0]["counts"] == {"loaded": 1, "superseded": 1}


def test_superseded_drop_that_is_replayed_is_loaded(world: OneRoot) -> None:
    older, _ = older_and_newer(world)
    world.replay(older)
    world.work()
    assert world.record(older.epoch).state is State.LOADED
    assert world.loaded()[older.epoch] == {"students.csv": OLD}


def test_superseding_survives_a_restart_between_its_steps(world: OneRoot) -> None:
    put(world, students20260831=OLD, students20260901=STUDENTS)
    world.settle(GATHER_SETTLE - 1)
    world.restart()
    world.settle(GATHER_SETTLE)
    world.restart()
    world.work()
    assert [record.state for record in world.records()] == [State.SUPERSEDED, State.LOADED]


def test_older_file_that_comes_after_the_newer_one_was_loaded_is_held(world: OneRoot) -> None:
    put(world, students20260901=STUDENTS)
    world.settle(GATHER_SETTLE)
    put(world, students20260831=OLD)
    world.settle(GATHER_SETTLE)
    first, late = world.records()
    assert (first.state, late.state) == (State.LOADED, State.HELD)
    reason = "it is late: students_auto20260831.csv is older than the one of 20260901, which was loaded before"
    assert late.reason == reason
    assert reason in world.results()[f"{late.epoch}.txt"]


def test_older_file_is_loaded_after_a_newer_one_where_late_says_so(world: OneRoot) -> None:
    world.change(late=Late.LOAD)
    for day in ("20260901", "20260831"):
        put(world, **{f"students{day}": STUDENTS})
        world.settle(GATHER_SETTLE)
    assert [record.state for record in world.records()] == [State.LOADED, State.LOADED]


def test_same_day_sent_again_and_a_file_without_a_date_are_not_late(world: OneRoot) -> None:
    put(world, students20260901=STUDENTS)
    world.settle(GATHER_SETTLE)
    for name in ("students20260901", "students"):
        put(world, **{name: OLD})
        world.settle(GATHER_SETTLE)
    assert [record.state for record in world.records()] == [State.LOADED] * 3


def test_file_without_a_date_is_loaded_beside_an_older_one_that_has_one(world: OneRoot) -> None:
    """Somebody took the date off the names in the export program, and ran it once."""
    put(world, students20260831=OLD, students=STUDENTS)
    for name, day in (("students_auto20260831.csv", "2026-08-31"), ("students_auto.csv", "2026-09-01")):
        seconds = datetime.fromisoformat(f"{day}T02:00:00+00:00").timestamp()
        os.utime(world.upload / name, (seconds, seconds))
    world.settle(GATHER_SETTLE)
    older, newer = world.records()
    assert (older.state, newer.state) == (State.SUPERSEDED, State.LOADED)
    assert world.loaded()[newer.epoch]["students.csv"] == STUDENTS


def test_files_of_different_days_wait_then_are_loaded_with_a_warning(world: OneRoot) -> None:
    world.change(expect=("students.csv", "guardians.csv"))
    put(world, students20260901=STUDENTS, guardians20260831=GUARDIANS)
    world.settle(GATHER_SETTLE)
    assert not world.records()
    world.settle(3600)
    (drop,) = world.records()
    assert drop.state is State.LOADED
    report = " ".join(world.results()[f"{drop.epoch}.txt"].split())
    told = "guardians_auto20260831.csv of 20260831; students_auto20260901.csv of 20260901"
    assert f"the files are of different days: {told}" in report
    assert "expected-file-missing" not in report


def test_older_file_that_the_sender_takes_back_meanwhile_leaves_the_newest_alone(world: OneRoot) -> None:
    put(world, students20260831=OLD, students20260901=STUDENTS)
    world.work()
    world.advance(GATHER_SETTLE)
    (world.upload / "students_auto20260831.csv").unlink()
    world.work()
    assert [record.state for record in world.records()] == [State.LOADED]


def test_older_files_pile_up_and_a_look_ends_after_some_seconds(world: OneRoot) -> None:
    """On a slow disk the other roots have their turn; a look of many seconds would count as one that hangs."""
    put(world, **{f"students202608{day:02}": STUDENTS for day in range(1, 31)})
    world.work()
    world.advance(GATHER_SETTLE)
    ticks = iter(range(1000, 100_000, 3))
    slow = replace(world.context.clock, monotonic=lambda: float(next(ticks)) * 2)
    world.context = replace(world.context, clock=slow)
    looked = world.look()
    assert looked.next_look_seconds == 0.0
    assert len(world.records()) == OLDER_PER_LOOK
    assert world.work().next_look_seconds != 0.0
    assert [record.state for record in world.records()].count(State.SUPERSEDED) == 29


def test_older_files_that_took_several_looks_are_counted_all(world: OneRoot) -> None:
    """The report counted those alone that the last look had set aside: 9 of 29."""
    put(world, **{f"students202608{day:02}": STUDENTS for day in range(1, 31)}, guardians=GUARDIANS)
    world.settle(GATHER_SETTLE)
    put(world, students20260901=STUDENTS, students20260902=STUDENTS, guardians=GUARDIANS)
    world.settle(GATHER_SETTLE)
    told = [" ".join(text.split()) for name, text in sorted(world.results().items()) if name.endswith(".txt")]
    assert [("; 29 older files of its kind" in text, "; 1 older file of its kind" in text) for text in told] == [
        (True, False),
        (False, True),
    ]


def test_date_of_a_wrong_clock_makes_no_later_file_late(world: OneRoot) -> None:
    put(world, students99999999=STUDENTS, guardians=GUARDIANS)
    world.settle(GATHER_SETTLE)
    put(world, students20260901=STUDENTS, guardians=GUARDIANS)
    world.settle(GATHER_SETTLE)
    assert [record.state for record in world.records()] == [State.LOADED, State.LOADED]


def test_epoch_of_a_wrong_clock_gives_no_two_gathers_one_name(world: OneRoot) -> None:
    world.drop("20991231-235959")
    world.settle()
    put(world, students20260831=OLD, students20260901=STUDENTS, guardians=GUARDIANS)
    world.settle(GATHER_SETTLE)
    older, newer = (record for record in world.records() if record.kind is DropKind.GATHERED)
    assert older.epoch < newer.epoch
