"""What is in a root beside good drops: loose files, stale epochs, tests of the connection, a mount that is gone."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests.intake.children import SENDER, SERVICE, as_user, with_mount
from tests.needs import needs
from tests.service.conftest import MakeWorld
from tests.service.oneroot import GATHER_SETTLE, GOOD, SETTLE, Later, OneRoot, clear, logged
from watcher.intake.scanner import entry_of
from watcher.model.actions import RemoveTest, WaitFor
from watcher.model.records import DropKind
from watcher.model.states import State
from watcher.service.perform import perform

EPOCH = "20260901-020000"
HOSTILE = "evil\n2026-09-01 ERROR forged {x} [bold]<b>\x1b[31m\udcff"


# loose files


def gathered(world: OneRoot) -> list[str]:
    return [record.epoch for record in world.records() if record.kind is DropKind.GATHERED]


def test_loose_files_become_one_epoch_named_by_the_time(world: OneRoot) -> None:
    world.loose()
    world.settle(GATHER_SETTLE - 1)
    assert world.records() == ()
    world.advance(1)
    world.work()
    name = f"{world.now:%Y%m%d-%H%M%S}"
    assert gathered(world) == [name]
    assert (world.state(name), world.loaded()) == (State.LOADED, {name: GOOD})
    assert sorted(os.listdir(world.upload)) == ["results"]


def test_loose_file_that_changes_makes_all_wait(world: OneRoot) -> None:
    world.loose()
    world.work()
    world.advance(GATHER_SETTLE - 1)
    (world.upload / "guardians_auto.csv").write_bytes(b"")
    world.work()
    world.advance(1)
    world.work()
    assert world.records() == ()


def test_loose_files_twice_a_day_make_two_epochs(world: OneRoot) -> None:
    world.loose()
    world.settle(GATHER_SETTLE)
    world.loose({"students.csv": GOOD["students.csv"].replace(b"Noah", b"Nora")})
    world.settle(GATHER_SETTLE)
    assert len(set(gathered(world))) == 2
    assert {world.state(name) for name in gathered(world)} == {State.LOADED}


def test_expected_file_is_waited_for_and_gathered_with_the_others(make_world: MakeWorld) -> None:
    world = make_world(expect=("students.csv", "guardians.csv"), gather_timeout_seconds=3600)
    world.loose({"students.csv": GOOD["students.csv"]})
    looked = world.settle(1800)
    assert [wait.waits_for for wait in looked.plan.waits] == [WaitFor.FILES]
    assert looked.next_look_seconds == pytest.approx(1800)
    world.loose({"guardians.csv": GOOD["guardians.csv"]})
    world.settle(GATHER_SETTLE)
    (name,) = gathered(world)
    assert world.loaded() == {name: GOOD}


def test_expected_file_that_does_not_come_in_time_is_named_in_the_report(make_world: MakeWorld) -> None:
    world = make_world(expect=("students.csv", "guardians.csv"), gather_timeout_seconds=3600)
    world.loose({"students.csv": GOOD["students.csv"]})
    world.settle(3599)
    assert world.records() == ()
    world.advance(1)
    world.work()
    (name,) = gathered(world)
    assert (world.state(name), world.record(name).warnings) == (State.LOADED, 1)
    assert "guardians.csv was expected together with the others" in world.results()[f"{name}.txt"].replace("\n", " ")


# what is no drop


def test_unknown_entries_are_said_once_and_left_alone(world: OneRoot, tmp_path: Path) -> None:
    (world.upload / "students.csv").write_bytes(GOOD["students.csv"])
    (world.upload / "2026-09-01").mkdir()
    (world.upload / "link").symlink_to(tmp_path)
    os.mkfifo(world.upload / "pipe")
    (world.upload / "COMPLETE").touch()
    (world.upload / HOSTILE).write_bytes(b"ab")
    with logged() as lines:
        world.settle()
        world.settle(3600)
        world.restart()
        world.settle()
    said = [line for line in lines if line.startswith("unknown-entry lakeview")]
    assert len(said) == 6
    assert any("did the sender mean students_auto.csv?" in line for line in said)
    assert any("did the sender mean 20260901-000000?" in line for line in said)
    assert all("\n" not in line and "\x1b" not in line for line in lines)
    assert len(os.listdir(world.upload)) == 6
    assert any("COMPLETE belongs into the epoch directory" in line for line in said)


def test_unknown_entry_that_comes_back_is_said_again(world: OneRoot) -> None:
    with logged() as lines:
        for _ in range(2):
            (world.upload / "notes.txt").write_text("hello")
            world.settle()
            (world.upload / "notes.txt").unlink()
            world.settle()
    assert sum(line.startswith("unknown-entry") for line in lines) == 2
    assert world.notices() == {}


def test_temporary_and_left_behind_names_are_no_news(world: OneRoot) -> None:
    for name in (".DS_Store", "Thumbs.db", "students_auto.csv.filepart", ".~lock.a.csv#", "._students_auto.csv"):
        (world.upload / name).write_text("something")
    with logged() as lines:
        world.settle(GATHER_SETTLE)
    assert (lines, world.notices(), world.records()) == ([], {}, ())


@pytest.mark.parametrize("content", [b"", b"x"])
def test_connection_test_is_said_and_removed_after_a_day(world: OneRoot, content: bytes) -> None:
    (world.upload / "test.tmp2").write_bytes(content)
    with logged() as lines:
        world.settle()
        world.settle(80_000)
        assert (world.upload / "test.tmp2").exists()
        world.settle(10_000)
        assert not (world.upload / "test.tmp2").exists()
        world.settle()
    assert [line.split()[0] for line in lines] == ["connection-test", "connection-test-removed"]
    assert world.notices() == {}


def test_connection_test_under_the_name_of_a_file_is_said_and_removed_after_a_day(world: OneRoot) -> None:
    """Once it was a rejected drop, and the district was told of an error on the day that it set its export up."""
    test = world.upload / "students_auto.csv"
    test.write_bytes(b"1")
    with logged() as lines:
        world.settle(GATHER_SETTLE)
        world.restart()
        world.settle(80_000)
        assert test.exists()
        world.settle(10_000)
        assert not test.exists()
        world.settle()
    said = [line.split()[0] for line in lines if line.startswith("connection-test")]
    assert said == ["connection-test", "connection-test-removed"]
    assert (world.records(), world.notices(), world.results()) == ((), {}, {})


def test_connection_test_under_the_name_of_a_file_becomes_that_file(world: OneRoot) -> None:
    """An upload that stood still after its first byte, or the export that follows the test."""
    world.change(expect=("guardians.csv",))
    (world.upload / "students_auto.csv").write_bytes(b"1")
    world.settle(3600)
    assert world.notices() == {"students_auto.csv": "connection-test"}
    with (world.upload / "students_auto.csv").open("wb") as file:
        file.write(GOOD["students.csv"])
    (world.upload / "guardians_auto.csv").write_bytes(GOOD["guardians.csv"])
    world.settle(GATHER_SETTLE)
    (drop,) = world.records()
    assert drop.state is State.LOADED
    assert (world.loaded(), world.notices()) == ({drop.epoch: GOOD}, {})


def test_connection_test_that_became_a_file_since_the_look_is_not_removed(world: OneRoot) -> None:
    path = world.upload / "students_auto.csv"
    path.write_bytes(b"1")
    entry = entry_of(path.name, path.stat())
    path.write_bytes(GOOD["students.csv"])
    perform(RemoveTest(entry), world.lane, world.context)
    assert path.read_bytes() == GOOD["students.csv"]
    perform(RemoveTest(entry_of(path.name, path.stat())), world.lane, world.context)
    assert not path.exists()


def test_file_of_two_bytes_is_never_removed(world: OneRoot) -> None:
    (world.upload / "notes").write_bytes(b"ab")
    world.settle()
    world.settle(10 * 86400)
    assert (world.upload / "notes").read_bytes() == b"ab"


# epochs that never close


def test_stale_epoch_is_said_once_also_after_a_restart(world: OneRoot) -> None:
    folder = world.drop(marker=False)
    with logged() as lines:
        world.settle(6 * 3600 - 60)
        assert lines == []
        world.settle(120)
        world.settle(3600)
        world.restart()
        world.settle(3600)
    assert [line.split()[0] for line in lines] == ["stale-epoch"]
    assert "no COMPLETE" in lines[0]
    (folder / "COMPLETE").touch()
    world.settle()
    assert (world.state(), world.notices()) == (State.LOADED, {})


def test_near_marker_is_said_at_once(world: OneRoot) -> None:
    (world.drop(marker=False) / "complete").touch()
    with logged() as lines:
        world.settle()
    assert len(lines) == 1
    assert "found 'complete' where COMPLETE is meant" in lines[0]


# a root that is not there


def test_root_that_is_deleted_is_unavailable_and_comes_back(world: OneRoot) -> None:
    world.drop()
    world.work()
    world.upload.rename(world.folder / "aside")
    with logged() as lines:
        looked = world.settle()
        world.settle()
    assert [wait.waits_for for wait in looked.plan.waits] == [WaitFor.ACCESS]
    assert [line.split()[0] for line in lines] == ["root-unavailable"]
    (world.folder / "aside").rename(world.upload)
    with logged() as lines:
        world.settle()
        world.settle()
    assert lines[0].startswith("root-available lakeview")
    assert world.state() is State.LOADED


def test_root_that_vanishes_while_a_drop_is_judged_gets_its_report_later(make_world: MakeWorld) -> None:
    workers = Later()
    world = make_world(workers=workers)
    world.drop()
    world.look()
    world.advance(SETTLE)
    world.look()
    world.upload.rename(world.folder / "aside")
    workers.run()
    world.look()
    workers.run()
    looked = world.look()
    assert (world.state(), world.record().delivered) == (State.LOADED, False)
    assert any("the report is ready" in wait.reason for wait in looked.plan.waits)
    (world.folder / "aside").rename(world.upload)
    world.look()
    assert world.record().delivered
    assert f"{EPOCH}.txt" in world.results()


def mount_over(world: OneRoot) -> tuple[list[str], list[str], State]:
    """Looks with the root full, with its mount gone and the bare directory in its place, and full again."""
    world.settle()
    with logged() as gone:
        os.system(f"umount {world.upload}")
        world.settle()
        world.settle()
    os.system(f"mount -t tmpfs tmpfs {world.upload}")
    with logged() as back:
        world.drop()
        world.settle()
    return [line.split()[0] for line in gone], [line.split()[0] for line in back], world.state()


@needs("mount", "unshare", root=True)
def test_root_whose_mount_is_gone_is_unavailable_not_empty(make_world: MakeWorld, tmp_path: Path) -> None:
    """The notices about it stay said, and the drops that lay there are not taken for withdrawn."""
    world = make_world(workers=Later())

    def play() -> tuple[list[str], list[str], State]:
        (world.upload / "notes.txt").write_text("x" * 10)
        return mount_over(world)

    gone, back, state = with_mount("tmpfs", "size=1m", world.upload, play)
    assert gone == ["root-unavailable"]
    assert back[0] == "root-available"
    assert "claimed" in back
    assert state is State.CLAIMED


# the sender's directories are not ours: what an unprivileged service does with them


@needs("setpriv", root=True)
def test_foreign_directory_is_copied_once_remembered_and_forgotten_when_it_is_gone(open_folder: Path) -> None:
    def first() -> list[tuple[str, bool]]:
        world = OneRoot(open_folder, workers=Later())
        world.settle()
        world.settle(3600)
        world.restart()
        world.settle()
        return [(record.folder_name, record.source_left) for record in world.records()]

    def then() -> tuple[list[tuple[str, bool]], list[str]]:
        world = OneRoot(open_folder, workers=Later())
        with logged() as lines:
            world.settle()
        return [(record.folder_name, record.source_left) for record in world.records()], lines

    upload = open_folder / "upload"
    folder = upload / EPOCH
    folder.mkdir(parents=True)
    for name, content in {**GOOD, "COMPLETE": b""}.items():
        (folder / name).write_bytes(content)
    folder.chmod(0o755)
    for path in (upload, folder, *folder.iterdir()):
        os.chown(path, SENDER, SENDER)
    upload.chmod(0o777)
    os.chown(open_folder, SERVICE, SERVICE)

    assert as_user(SERVICE, first) == [(EPOCH, True)]
    clear(folder)
    folder.rmdir()
    assert as_user(SERVICE, then)[0] == [(EPOCH, False)]


@needs("setpriv", root=True)
def test_foreign_directory_to_which_the_sender_adds_is_a_new_drop(open_folder: Path) -> None:
    def look() -> list[str]:
        world = OneRoot(open_folder, workers=Later())
        world.settle()
        return [record.folder_name for record in world.records()]

    upload = open_folder / "upload"
    folder = upload / EPOCH
    folder.mkdir(parents=True)
    for name, content in {**GOOD, "COMPLETE": b""}.items():
        (folder / name).write_bytes(content)
    folder.chmod(0o755)
    upload.chmod(0o777)
    os.chown(open_folder, SERVICE, SERVICE)
    assert as_user(SERVICE, look) == [EPOCH]
    (folder / "enrollments.csv").write_bytes(b"a\n")
    assert as_user(SERVICE, look) == [EPOCH, f"{EPOCH}.2"]


# many at once


def test_many_epochs_are_claimed_ten_at_a_time_within_one_look(make_world: MakeWorld) -> None:
    """Hundreds of epochs in one root leave other roots their turn; none is left behind."""
    world = make_world(workers=Later())
    names = [f"20260901-02{minute:02}00" for minute in range(25)]
    for name in names:
        world.drop(name)
    world.look()
    world.advance(SETTLE)
    world.look()
    assert [record.epoch for record in world.records()] == names
    assert {record.state for record in world.records()} == {State.CLAIMED}


def test_clock_that_jumps_back_neither_takes_early_nor_stalls(world: OneRoot) -> None:
    """Only the monotonic clock measures stillness; the wall clock may jump under it."""
    world.drop()
    wall = world.context.clock
    world.context.clock = replace(
        wall, utc=lambda: wall.utc().replace(year=2020), local=lambda: wall.local().replace(year=2020)
    )
    world.settle(SETTLE - 1)
    assert world.records() == ()
    world.advance(1)
    world.work()
    assert world.state() is State.LOADED


def test_ages_come_from_ctime_which_no_sender_can_set(world: OneRoot) -> None:
    folder = world.drop(marker=False)
    (world.upload / "test").touch()
    for path in (folder, *folder.iterdir(), world.upload / "test"):
        os.utime(path, (0, 0))
    assert time.time() - (world.upload / "test").stat().st_mtime > 86400
    with logged() as lines:
        world.settle(3600)
    assert [line.split()[0] for line in lines] == ["connection-test"]
    assert (world.upload / "test").exists()
