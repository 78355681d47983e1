from __future__ import annotations

import os
import re
import shutil
import time
from pathlib import Path
from typing import Any

import pytest

from tests.cli.world import World
from tests.intake.children import with_mount
from tests.journal.world import NOON, record_in
from tests.needs import needs
from watcher.cli.explain import words
from watcher.model import actions
from watcher.model.records import Notice, Step
from watcher.model.states import Folder, State
from watcher.service import lock

EPOCH = "20260901-020000"


def explained(world: World) -> dict[str, Any]:
    (root,) = world.run("explain", "north", "--json").json["roots"]
    assert isinstance(root, dict)
    return root


def waits(world: World) -> list[tuple[str, str]]:
    return [(wait["subject"], wait["waits_for"]) for wait in explained(world)["waits"]]


def planned(world: World) -> list[tuple[str, str | None]]:
    return [(action["action"], action["epoch"]) for action in explained(world)["plan"]]


def tree(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*"))


# what would be done


def test_explain_settled_epoch_is_claimed(world: World) -> None:
    world.drop(students="id\n1\n")
    assert planned(world) == [("claim", EPOCH)]
    assert f"now     claim {EPOCH}: 2 entries, 5 bytes" in world.run("explain").out


def test_explain_loose_files_are_gathered(world: World) -> None:
    (world.root / "students_auto.csv").write_text("id\n")
    assert planned(world) == [("gather", None)]
    assert "gather students_auto.csv into an epoch" in world.run("explain").out


def test_explain_goes_by_the_journal(world: World) -> None:
    with world.journal() as journal:
        record = record_in(journal, State.CLAIMED, epoch=EPOCH)
    assert planned(world) == [("validate", EPOCH)]
    with world.journal() as journal:
        journal.move(record, State.ACCEPTED)
    assert planned(world) == [("finish", EPOCH)]


def test_explain_beside_the_service_knows_what_a_worker_is_at(world: World) -> None:
    with world.journal() as journal:
        record = record_in(journal, State.CLAIMED, epoch=EPOCH)
        journal.begin_attempt(record, Step.VALIDATE)
    with lock.hold(world.work / "lock", NOON):
        assert waits(world) == [(EPOCH, "work")]
        assert "no service is running" not in world.run("explain").out
    assert planned(world) == [("validate", EPOCH)]
    assert "no service is running: this is what `run` or `once` would do" in world.run("explain").out


def test_explain_changes_nothing(world: World) -> None:
    world.drop(students="id\n1\n")
    world.drop("20260902-020000", marker=False)
    (world.root / "notes.doc").write_text("?")
    before = tree(world.folder)
    assert world.run("explain").code == 0
    assert tree(world.folder) == before


# why the rest waits


def test_explain_marker_is_awaited_and_a_near_miss_named(world: World) -> None:
    (world.drop(marker=False, students="id\n") / "complete").touch()
    assert waits(world) == [(EPOCH, "marker")]
    assert "found 'complete': the name is COMPLETE" in explained(world)["waits"][0]["reason"]
    assert [notice["kind"] for notice in explained(world)["notices"]] == ["near-marker"]


def test_explain_standing_still_is_measured_by_the_service(world: World) -> None:
    world.configure(options="settle_seconds: 500, gather_settle_seconds: 600")
    world.drop(students="id\n")
    (world.root / "staff_auto.csv").write_text("id\n")
    reasons = [wait["reason"] for wait in explained(world)["waits"]]
    assert reasons[0].startswith("has to stand still for 500 seconds, last changed ")
    assert reasons[1].startswith("has to stand still for 600 seconds, last changed ")
    assert all(reason.endswith("; the running service measures it") for reason in reasons)


def test_explain_what_changed_long_enough_ago_has_stood_still(world: World) -> None:
    world.configure(options="settle_seconds: 0.3")
    world.drop(students="id\n")
    deadline = time.monotonic() + 60
    while not (plan := planned(world)):
        assert time.monotonic() < deadline
    assert plan == [("claim", EPOCH)]


def test_explain_open_writer_is_named(world: World) -> None:
    epoch = world.drop(students="id\n")
    with (epoch / "students.csv").open("a"):
        found = explained(world)
    assert [(wait["subject"], wait["waits_for"]) for wait in found["waits"]] == [(EPOCH, "writer")]
    assert found["lease"] == "granted"


def test_explain_required_files_of_the_dataset_are_awaited(world: World) -> None:
    world.configure(options="dataset: students, settle_seconds: 0, gather_settle_seconds: 500")
    world.drop(guardians="id\n")
    assert waits(world) == [(EPOCH, "files")]
    assert "students.csv" in explained(world)["waits"][0]["reason"]


def test_explain_gather_says_what_it_waits_for_and_until_when(world: World) -> None:
    world.configure(options="dataset: students, gather_settle_seconds: 0, expect: [guardians.csv]")
    (world.root / "students_auto.csv").write_text("id\n")
    assert waits(world) == [("students_auto.csv", "files")]
    reason = explained(world)["waits"][0]["reason"]
    assert re.fullmatch(r"waits for guardians.csv, which belongs with it, and goes on without at [\d:]{8}", reason)


def test_explain_zip_without_its_end_waits_for_it(world: World) -> None:
    world.configure(options="gather_settle_seconds: 0")
    (world.root / "roster_auto.zip").write_bytes(b"PK\3\4")
    assert waits(world) == [("roster_auto.zip", "upload")]
    assert "the zip's end is not there yet" in explained(world)["waits"][0]["reason"]


def test_explain_older_file_is_set_aside_before_the_newest_is_gathered(world: World) -> None:
    world.configure(options="gather_settle_seconds: 0")
    for day in ("20260831", "20260901"):
        (world.root / f"students_auto{day}.csv").write_text("id\n")
    assert [text["text"] for text in explained(world)["plan"]] == [
        "set aside students_auto20260831.csv, for newer ones: students_auto20260901.csv",
        "gather students_auto20260901.csv into an epoch",
    ]


def test_explain_folder_that_is_to_be_made_is_told(world: World) -> None:
    world.configure(options="folders: {users: {}}")
    assert f"{world.root}/users: there is no folder 'users' yet" in world.run("explain").out


def test_explain_held_drop_waits_for_a_person(world: World) -> None:
    with world.journal() as journal:
        record = record_in(journal, State.ACCEPTED, epoch=EPOCH)
        journal.move(record, State.HELD, reason="it is late", delivered=True)
    assert waits(world)[-1] == (EPOCH, "person")
    assert f"{EPOCH}: is held for a person: it is late; `replay` runs it again" in world.run("explain").out


def test_explain_failed_drops_are_counted_with_what_to_do(world: World) -> None:
    """It said that there was nothing to do."""
    with world.journal() as journal:
        record = record_in(journal, State.CLAIMED, epoch=EPOCH)
        journal.move(record, State.FAILED, reason="it broke", delivered=True)
        journal.note(journal.record(record.id), place=Folder.FAILED)
    found = explained(world)
    assert (found["plan"], found["waits"], found["failed"], found["held"]) == ([], [], 1, 0)
    out = world.run("explain").out
    assert "  failed  1 drop: `history north --state failed` lists them, `show` says why" in out
    assert "  nothing to do by itself\n" in out


def test_explain_held_drops_beyond_those_that_are_told_of_are_counted(world: World) -> None:
    with world.journal() as journal:
        for day in range(1, 24):
            record = record_in(journal, State.ACCEPTED, epoch=f"202609{day:02}-020000")
            held = journal.move(record, State.HELD, reason="it is late", delivered=True)
            journal.note(held, place=Folder.HELD)
    assert explained(world)["held"] == 23
    assert "  held    3 more drops; `history north --state held` lists them" in world.run("explain").out


@needs("mount", "unshare", root=True)
def test_explain_full_disk_of_the_work_directory_is_said(world: World) -> None:
    """The service can't write down there what keeps it from taking a drop."""
    world.work.mkdir(exist_ok=True)

    def play() -> list[str]:
        return [line for line in world.run("explain").out.splitlines() if line.startswith(f"{world.work}: only")]

    (said,) = with_mount("tmpfs", "size=64k", world.work, play)
    assert "what can't be written is tried again, and drops stay where they are until there is room" in said
    assert play() == []


def test_explain_unavailable_root_says_why(world: World) -> None:
    shutil.rmtree(world.root)
    assert waits(world) == [("north", "access")]
    assert "No such file or directory" in world.run("explain").out


def test_explain_notices_are_told_also_when_they_were_said(world: World) -> None:
    (world.root / "notes.doc").write_text("a note")
    first = explained(world)["notices"]
    status = (world.root / "notes.doc").stat()
    with world.journal() as journal:
        journal.add_notice(
            Notice("north", "unknown-entry", "notes.doc", f"{status.st_ino}:{status.st_ctime_ns}", "said")
        )
    assert explained(world)["notices"] == first != []


def test_explain_hostile_names_are_made_printable(world: World) -> None:
    Path(os.fsdecode(os.fsencode(world.root) + b"/a\nnorth  x\xff{}\x1b[2J")).write_text("not one byte")
    out = world.run("explain").out
    assert r"unknown-entry a\nnorth  x\xff{}\x1b[2J" in out


# roots


def test_explain_unknown_root_suggests_the_near_one(world: World) -> None:
    ran = world.run("explain", "noth")
    assert (ran.code, ran.out) == (1, "")
    assert "there is no root 'noth'; did you mean north?" in ran.err


def test_explain_without_a_journal_says_so(world: World) -> None:
    ran = world.run("explain", "--json")
    assert ran.code == 0
    assert "there is no journal" in ran.json["problems"][0]
    assert ran.json["running"] is False


def test_explain_a_dataset_that_is_not_there_is_a_problem_not_an_end(world: World) -> None:
    world.configure(options="dataset: plian, settle_seconds: 0")
    world.journal().close()
    world.drop(students="id\n")
    ran = world.run("explain", "--json").json
    assert "did you mean 'plain'?" in ran["problems"][0]
    assert [action["action"] for action in ran["roots"][0]["plan"]] == ["claim"]


# words


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (actions.ResumeClaim, f"go on with the claim of {EPOCH}"),
        (actions.ForgetSource, f"forget the original of {EPOCH}, which is gone from the root"),
        (actions.Validate, f"validate {EPOCH}"),
        (actions.Finish, f"finish {EPOCH}: every loader has it"),
        (actions.FileAway, f"move {EPOCH} to where its state says (loaded)"),
        (actions.Deliver, f"deliver the report of {EPOCH} to its sender"),
    ],
)
def test_words_of_actions_on_a_record(world: World, kind: Any, text: str) -> None:
    with world.journal() as journal:
        record = record_in(journal, State.LOADED, epoch=EPOCH)
    assert words(kind(record)) == text


def test_words_of_a_decision_hold_its_reason_on_one_line(world: World) -> None:
    with world.journal() as journal:
        record = record_in(journal, State.ACCEPTED, epoch=EPOCH)
    assert words(actions.Hold(record, "late\nor so")) == rf"hold {EPOCH} for a person: late\nor so"
    assert words(actions.Reject(record, "late")) == f"reject {EPOCH}: late"
    assert words(actions.Fail(record, "gave up")) == f"fail {EPOCH}: gave up"
    assert words(actions.Load(record, "warehouse")) == f"load {EPOCH} with warehouse"
