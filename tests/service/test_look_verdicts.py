"""Looks end to end: a drop comes, is judged, and lies where its verdict says; its sender is told."""

from __future__ import annotations

import errno
import json
import os
import shutil
from pathlib import Path

import pytest

from tests.service.conftest import MakeWorld
from tests.service.oneroot import BAD, GOOD, SETTLE, Later, OneRoot, logged
from watcher.model.actions import Plan, WaitFor
from watcher.model.records import Ending, Step
from watcher.model.states import Folder, State
from watcher.schema.bundled import bundled_folder

EPOCH = "20260901-020000"
DROPPED = {**GOOD, "COMPLETE": b""}


# the road of a good drop


def test_look_good_drop_is_loaded_archived_and_reported(world: OneRoot) -> None:
    world.drop()
    world.settle()
    record = world.record()
    assert world.history() == [State.CLAIMING, State.CLAIMED, State.ACCEPTED, State.LOADED]
    assert (record.place, record.delivered, record.loaded_by) == (Folder.ARCHIVE, True, ("laid",))
    assert (record.files, record.rows, record.errors) == (2, 4, 0)
    assert world.kept("archive") == {EPOCH: DROPPED}
    assert world.loaded() == {EPOCH: GOOD}
    assert sorted(os.listdir(world.upload)) == ["results"]
    assert sorted(world.results()) == [f"{EPOCH}.html", f"{EPOCH}.txt"]


def test_look_that_finds_nothing_new_does_and_says_nothing(world: OneRoot) -> None:
    world.drop()
    world.settle()
    before = world.records(), sorted(world.folder.rglob("*"))
    with logged() as lines:
        looked = world.settle()
    assert lines == []
    assert (world.records(), sorted(world.folder.rglob("*"))) == before
    assert looked.plan == Plan()
    assert looked.is_idle


def test_look_before_a_drop_has_settled_takes_nothing(world: OneRoot) -> None:
    world.drop()
    world.work()
    world.advance(SETTLE - 0.1)
    looked = world.work()
    assert world.records() == ()
    assert [wait.waits_for for wait in looked.plan.waits] == [WaitFor.SETTLE]
    assert looked.next_look_seconds == pytest.approx(0.1)
    assert not looked.is_idle


def test_look_without_marker_waits_however_long(world: OneRoot) -> None:
    folder = world.drop(marker=False)
    world.settle(5 * 3600)
    assert world.records() == ()
    (folder / "COMPLETE").touch()
    world.settle()
    assert world.state() is State.LOADED


# the road of a bad one


def test_look_bad_drop_is_rejected_and_kept_for_its_sender(world: OneRoot) -> None:
    world.drop(files=BAD)
    world.settle()
    record = world.record()
    assert world.history() == [State.CLAIMING, State.CLAIMED, State.REJECTED]
    assert (record.place, record.errors, record.delivered) == (Folder.REJECTED, 2, True)
    assert world.kept("rejected") == {EPOCH: {**BAD, "COMPLETE": b""}}
    assert world.loaded() == {}
    report = world.results()[f"{EPOCH}.txt"]
    assert "2012-13-30" in report
    assert "999999" in report


def test_look_report_beside_the_kept_drop_is_the_one_delivered(world: OneRoot) -> None:
    world.drop(files=BAD)
    world.settle()
    envelope = world.settings.work_dir / "rejected" / "lakeview" / EPOCH
    assert (envelope / "report.txt").read_text() == world.results()[f"{EPOCH}.txt"]
    assert json.loads((envelope / "report.json").read_text())["verdict"] == "rejected"


@pytest.mark.parametrize("how", ["renamed", "copied"])
@pytest.mark.parametrize("kind", ["symlink", "fifo"])
def test_look_drop_with_what_is_no_file_is_rejected_and_nothing_is_followed(
    world: OneRoot, kind: str, how: str
) -> None:
    secret = world.folder / "secret.csv"
    secret.write_bytes(b"student_id\nsecret-value\n")
    folder = world.drop()
    if kind == "symlink":
        (folder / "more.csv").symlink_to(secret)
    else:
        os.mkfifo(folder / "more.csv")
    if how == "copied":
        os.link(folder / "students.csv", world.folder / "second-name")
    world.settle()
    assert world.transitions()[1].reason == how
    assert world.state() is State.REJECTED
    report = world.results()[f"{EPOCH}.txt"]
    assert "more.csv" in report
    assert "secret-value" not in report
    assert secret.exists()


@pytest.mark.parametrize("how", ["renamed", "copied"])
def test_look_drop_with_folders_is_accepted_with_a_warning_however_it_was_taken(world: OneRoot, how: str) -> None:
    """What a copy leaves out is judged as what a rename brings along: a verdict must not hang on our means."""
    folder = world.drop()
    for name in ("more", "__MACOSX"):
        (folder / name).mkdir()
    if how == "copied":
        os.link(folder / "students.csv", world.folder / "second-name")
    world.settle()
    record = world.record()
    assert world.transitions()[1].reason == how
    assert (record.state, record.warnings) == (State.LOADED, 1 if how == "renamed" else 2)  # the link is told of, too
    assert "folders are not looked into" in world.results()[f"{EPOCH}.txt"]


def test_look_drop_without_any_file_is_rejected_after_a_longer_wait(world: OneRoot) -> None:
    """COMPLETE is not last in every upload: files may still come behind it."""
    world.drop(files={})
    world.settle()
    assert world.records() == ()
    world.settle(120)
    assert world.state() is State.REJECTED


def test_look_zero_byte_file_is_an_error_not_a_wait(world: OneRoot) -> None:
    world.drop(files={**GOOD, "students.csv": b""})
    world.settle()
    assert world.state() is State.REJECTED


def test_look_required_file_that_comes_behind_the_marker_is_waited_for(world: OneRoot) -> None:
    folder = world.drop(files={"guardians.csv": GOOD["guardians.csv"]})
    looked = world.settle()
    assert world.records() == ()
    assert looked.plan.waits[0].reason == "COMPLETE is there but not yet students.csv"
    (folder / "students.csv").write_bytes(GOOD["students.csv"])
    world.settle()
    assert world.state() is State.LOADED


def test_look_impossible_time_in_the_name_is_a_warning(world: OneRoot) -> None:
    world.drop("20200101-139029")
    world.settle()
    assert world.state("20200101-139029") is State.LOADED
    assert world.record("20200101-139029").warnings == 1


@pytest.mark.parametrize("name", ["caf\udce9.csv", "new\nline.csv", "\u202egnp.csv", "x" * 130 + ".csv"])
def test_look_file_with_an_unusable_name_is_the_senders_error_not_our_failure(world: OneRoot, name: str) -> None:
    """Such an extra file was accepted with a warning, and then no loader found it by the name in the batch."""
    world.drop(files={**GOOD, name: b"a\n1\n"})
    world.settle()
    assert world.state() is State.REJECTED
    said = " ".join(world.results()[f"{EPOCH}.txt"].split())
    assert "can't be printed" in said or "expected at most 120" in said


# the same epoch again


def test_look_same_epoch_again_is_a_second_take_beside_the_first(world: OneRoot) -> None:
    world.drop(files=BAD)
    world.settle()
    world.drop()
    world.settle()
    assert world.states() == {EPOCH: State.REJECTED, f"{EPOCH}.2": State.LOADED}
    assert world.kept("rejected") == {EPOCH: {**BAD, "COMPLETE": b""}}
    assert world.kept("archive") == {f"{EPOCH}.2": DROPPED}
    assert "accepted" in world.results()[f"{EPOCH}.txt"].lower()


def test_look_very_same_drop_again_is_accepted_and_changes_nothing_in_the_target(world: OneRoot) -> None:
    world.drop()
    world.settle()
    laid = {path: path.stat().st_mtime_ns for path in world.laid.rglob("*") if path.is_file()}
    world.drop()
    with logged() as lines:
        world.settle()
    assert world.states() == {EPOCH: State.LOADED, f"{EPOCH}.2": State.LOADED}
    assert {path: path.stat().st_mtime_ns for path in world.laid.rglob("*") if path.is_file()} == laid
    assert any("it had them already" in line for line in lines)


def test_look_epoch_that_comes_again_while_the_first_is_being_validated_waits_its_turn(
    make_world: MakeWorld,
) -> None:
    workers = Later()
    world = make_world(workers=workers)
    world.drop()
    world.look()
    world.advance(SETTLE)
    world.look()
    assert len(workers.tasks) == 1
    world.drop(files=BAD)
    world.look()
    world.advance(SETTLE)
    world.look()
    assert world.states() == {EPOCH: State.CLAIMED, f"{EPOCH}.2": State.CLAIMED}
    assert len(workers.tasks) == 1
    workers.run()
    world.look()
    workers.run()
    world.look()
    assert world.state() is State.CLAIMED
    workers.run()
    world.look()
    assert world.states() == {EPOCH: State.LOADED, f"{EPOCH}.2": State.REJECTED}


# trouble on our side


def test_look_dataset_that_is_not_there_makes_the_drop_wait_until_it_is(make_world: MakeWorld, tmp_path: Path) -> None:
    """A mistake of ours is no fault of the drop: however often it is tried, it is not given up."""
    world = make_world(dataset=str(tmp_path / "mine"))
    world.drop()
    world.settle()
    for _ in range(6):
        world.advance(3600)
        world.work()
    record = world.record()
    assert record.state is State.CLAIMED
    assert str(tmp_path / "mine") in record.reason
    assert {(a.step, a.ending) for a in world.context.journal.attempts(record.id)} == {(Step.VALIDATE, Ending.DEFERRED)}
    shutil.copytree(bundled_folder() / "students", tmp_path / "mine")
    world.advance(3600)
    world.work()
    assert world.state() is State.LOADED


def test_look_validation_that_breaks_three_times_fails_the_drop(make_world: MakeWorld) -> None:
    workers = Later()
    world = make_world(workers=workers)
    world.drop()
    world.work()
    world.advance(SETTLE)
    for seconds in (60, 120):
        world.work()
        workers.end(MemoryError())
        assert [wait.seconds for wait in world.work().plan.waits] == [seconds]
        world.advance(seconds)
    world.work()
    workers.end(MemoryError())
    world.work()  # and waits no longer: there is no further try
    record = world.record()
    assert record.state is State.FAILED
    assert record.reason == "its validation broke 3 times; it needed more than 4096 MB of memory"
    assert [(a.step, a.ending) for a in world.context.journal.attempts(record.id)] == [
        (Step.VALIDATE, Ending.BROKE)
    ] * 3
    assert world.kept("failed") == {EPOCH: DROPPED}
    assert world.results()[f"{EPOCH}.txt"].startswith("This drop could not be processed")


def test_look_worker_that_is_killed_is_replaced_and_the_drop_goes_on(make_world: MakeWorld) -> None:
    workers = Later()
    world = make_world(workers=workers)
    world.drop()
    world.look()
    world.advance(SETTLE)
    world.look()
    workers.end(MemoryError())
    world.look()
    assert "it needed more than 4096 MB" in world.record().reason
    world.advance(60)
    world.look()
    workers.run()
    world.look()
    workers.run()
    world.look()
    assert world.state() is State.LOADED


def test_look_folder_that_was_taken_away_from_the_work_directory_is_said(world: OneRoot) -> None:
    world.drop(files=BAD)
    world.work()
    world.advance(SETTLE)
    world.look()
    (world.settings.work_dir / "stage" / "lakeview" / EPOCH).rename(world.folder / "aside")
    with logged() as lines:
        world.work()
    assert any(line.startswith("folder-gone lakeview") for line in lines)
    assert world.state() is State.REJECTED


def test_look_results_that_can_not_be_written_do_not_hold_up_the_drop(world: OneRoot) -> None:
    (world.upload / "results").touch()
    world.drop()
    with logged() as lines:
        world.settle()
    assert world.state() is State.LOADED
    assert sum(line.startswith(f"results-failed lakeview {EPOCH}") for line in lines) == 1
    assert (world.upload / "results").read_bytes() == b""


def test_look_results_that_are_not_wanted_are_not_made(make_world: MakeWorld) -> None:
    world = make_world(results=False)
    world.drop(files=BAD)
    world.settle()
    assert world.record().delivered
    assert os.listdir(world.upload) == []


def test_look_hard_linked_file_is_copied_accepted_and_told(world: OneRoot) -> None:
    world.drop()
    os.link(world.upload / EPOCH / "students.csv", world.folder / "kept.csv")
    world.settle()
    assert world.state() is State.LOADED
    assert world.record().warnings == 1
    assert "hard-link" in world.results()[f"{EPOCH}.txt"]


def test_look_trouble_of_ours_is_tried_again_soon_at_first_then_seldom(
    world: OneRoot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk can't be had here: the claim is made to say so."""

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("watcher.intake.claim.fsops.make_path", full)
    world.drop()
    world.look()
    world.advance(SETTLE)
    assert [world.look().next_look_seconds for _ in range(8)] == [5, 10, 20, 40, 80, 160, 300, 300]
    monkeypatch.undo()
    world.settle()
    assert world.state() is State.LOADED


# what is left out


@pytest.fixture
def tolerant(make_world: MakeWorld, tmp_path: Path) -> OneRoot:
    """A root whose dataset leaves out wrong students, and the guardians altogether where they have errors."""
    folder = tmp_path / "mine" / "roster"
    folder.mkdir(parents=True)
    students = {"file": "students.csv", "columns": [{"name": "id", "type": "integer"}], "on_error": "skip-rows"} | {
        "max_skipped_rows": "50 %"
    }
    guardians = {"file": "guardians.csv", "columns": [{"name": "id", "required": True}], "on_error": "reject-file"}
    about = {"name": "roster", "files": [{"schema": "students.yaml"}, {"schema": "guardians.yaml"}]}
    for name, content in (("dataset", about), ("students", students), ("guardians", guardians)):
        (folder / f"{name}.yaml").write_text(json.dumps(content))  # JSON is YAML
    return make_world(settings={"schema_dirs": (tmp_path / "mine",)}, dataset="roster")


GAPS = {"students.csv": b"id\n1\nsecret\n3\n", "guardians.csv": b"name\nx\n"}


def test_look_drop_with_gaps_is_loaded_without_them_and_its_sender_is_told(tolerant: OneRoot) -> None:
    tolerant.drop(files=GAPS)
    with logged() as lines:
        tolerant.settle()
    assert tolerant.state() is State.LOADED
    assert tolerant.loaded() == {EPOCH: {"students.csv": b"id\n1\n3\n"}}
    results = tolerant.results()
    assert sorted(results) == [f"{EPOCH}.html", f"{EPOCH}.skipped-students.csv", f"{EPOCH}.txt"]
    assert results[f"{EPOCH}.txt"].startswith("ACCEPTED, 1 file and 1 row left out\n")
    assert (
        results[f"{EPOCH}.skipped-students.csv"].splitlines()[1].startswith('"3","id: the value is not a whole number')
    )
    assert any("1 file and 1 row left out" in line for line in lines)
    assert not any("secret" in line for line in lines)
    accepted = next(step for step in tolerant.transitions() if step.after is State.ACCEPTED)
    assert accepted.reason == "0 errors, 0 warnings, 1 file and 1 row left out"


def test_look_list_of_an_earlier_verdict_does_not_stay(tolerant: OneRoot) -> None:
    """The drop is replayed, and this time nothing is left out."""
    tolerant.drop(files={"students.csv": b"id\n1\n"})
    tolerant.settle()
    envelope = tolerant.context.folders.envelope(tolerant.record())
    (envelope / "skipped-students.csv").write_bytes(b"old")
    tolerant.replay(tolerant.record())
    tolerant.settle()
    assert not list(tolerant.context.folders.envelope(tolerant.record()).glob("skipped-*"))


def test_look_list_beside_an_earlier_report_goes_with_it(tolerant: OneRoot) -> None:
    """It stayed in `results/` beside a report that said the drop was rejected."""
    tolerant.drop(files=GAPS)
    tolerant.settle()
    (tolerant.upload / "results" / "20260901-999999.skipped-students.csv").write_bytes(b"of another drop")
    (tolerant.context.folders.envelope(tolerant.record()) / "files" / "students.csv").write_bytes(b"id\n1\n2\n")
    tolerant.replay(tolerant.record())
    tolerant.settle()
    names = [f"{EPOCH}.html", f"{EPOCH}.txt", "20260901-999999.skipped-students.csv"]
    assert sorted(tolerant.results()) == sorted(names)
