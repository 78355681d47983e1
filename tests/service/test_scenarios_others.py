"""Scenarios of other file-drop services, as they read for a watcher of epochs.

spooldir: kafka-connect-spooldir; Flume: its spooling directory source; paperless: paperless-ngx's consumer; Spring:
Spring Integration's file module. Each test names the scenario that it carries over.

Covered elsewhere, under the name of what it asks:

    spooldir ProcessingFileExistsPredicateTest              tests/intake/test_claim_*: goes on from every stage
    spooldir MinimumFileAgePredicateTest                    tests/intake/test_settle: no clock of the sender
    Flume testFileChangesDuringRead                         tests/intake/test_claim_copy, tests/validation
    Flume testReconfigure, paperless P8                     test_daemon: SIGHUP; tests/config
    Flume testRecursion_SetToFalse                          test_look_verdicts: folders are not looked into
    paperless P1-P4 (stability)                             tests/intake/test_settle, test_scanner
    paperless P6, P7 (names of systems)                     tests/model/test_names
    paperless P9, P15; Spring I6 (watching)                 tests/intake/test_hints*
    paperless P10, P11 (queued twice)                       test_loop: hints bring one more look
    paperless P12, P13 (missed events)                      test_loop: rescan finds what no event told of
    paperless P14 (the hand-off raises)                     test_loop: a bug in one look
    Spring I2, I3 (accept once, roll back)                  test_look_loading: order, later tries
    Spring I5 (age)                                         tests/intake/test_settle
    Canvas, Moodle, Student Insights                        tests/validation

Without a counterpart here:

    spooldir S5, S6 (clean-up policies), S7, S8, S10        one policy: archive; no inference, offsets, partitions
    Flume F1, F2 (patterns), F5 (deletion), F8 (order)      names and order are those of the dataset and the epochs
    Flume F11, testLineExceedsMaxLineLength                 no tracker file; lines are the validation's
    paperless P5 (two spellings of a path)                  test_roots: one path by two entries
    Spring I1 (markers by pattern), I4 (bounded memory)     one marker; what is remembered is in the journal
    Spring I8 (remote)                                      nothing is fetched here
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.intake.children import SERVICE, as_user
from tests.needs import needs
from tests.service.conftest import MakeWorld
from tests.service.oneroot import BAD, GOOD, SETTLE, Later, OneRoot, Scripted, logged
from watcher.model.actions import WaitFor
from watcher.model.states import State

EPOCH, NEXT = "20260901-020000", "20260902-020000"


def test_drop_under_way_lies_in_stage_and_ends_in_the_archive_once(make_world: MakeWorld) -> None:
    """spooldir: AbstractSpoolDirSourceTaskTest.poll; two further looks do nothing."""
    workers = Later()
    world = make_world(workers=workers)
    world.drop()
    world.work()
    world.advance(SETTLE)
    world.work()
    assert (set(world.kept("stage")), world.kept("archive")) == ({EPOCH}, {})
    workers.run()
    world.work()
    workers.run()
    world.work()
    assert (world.kept("stage"), set(world.kept("archive"))) == ({}, {EPOCH})
    for _ in range(2):
        assert world.work().plan.actions == ()


def test_rejected_drop_leaves_the_root_and_stage(world: OneRoot) -> None:
    """spooldir: AbstractCleanUpPolicyTest.error."""
    world.drop(files=BAD)
    world.settle()
    assert not (world.upload / EPOCH).exists()
    assert (world.kept("stage"), set(world.kept("rejected"))) == ({}, {EPOCH})


@needs("setpriv", root=True)
def test_root_that_may_only_be_read_gives_a_copy_that_is_remembered(open_folder: Path) -> None:
    """Flume: testRenameTrackingPolicyOnReadonlySpoolDirectory; here the drop is copied and remembered as taken."""
    upload = open_folder / "upload"
    (upload / EPOCH).mkdir(parents=True)
    for name, content in {**GOOD, "COMPLETE": b""}.items():
        (upload / EPOCH / name).write_bytes(content)
    for folder in (open_folder / "work", open_folder / "laid"):
        folder.mkdir()
        shutil.chown(folder, SERVICE, SERVICE)

    def look() -> list[tuple[str, str, bool]]:
        world = OneRoot(open_folder, workers=Later())
        world.settle()
        return [(record.epoch, record.state.value, record.source_left) for record in world.records()]

    for _ in range(2):
        assert as_user(SERVICE, look) == [(EPOCH, "claimed", True)]
    assert (upload / EPOCH / "students.csv").exists()


def test_target_that_is_full_is_tried_again_and_no_drop_is_lost(make_world: MakeWorld, scripted: Scripted) -> None:
    """Flume: testSourceDoesNotDieOnFullChannel."""
    world = make_world(loaders={"warehouse": scripted.loader})
    scripted.answers("later", "later", "ok", "later", "ok")
    names = [f"2026090{day}-020000" for day in range(1, 6)]
    for name in names:
        world.drop(name)
    world.settle()
    for _ in range(6):
        world.advance(120)
        world.work()
    assert world.states() == dict.fromkeys(names, State.LOADED)
    assert list(dict.fromkeys(scripted.calls())) == names


@pytest.mark.parametrize("files", [{"students.csv": b""}, {"students.csv": b"", "guardians.csv": b""}])
def test_empty_files_do_not_wedge_the_root(world: OneRoot, files: dict[str, bytes]) -> None:
    """Flume: testEndWithZeroByteFiles, testWithAllEmptyFiles, testWithEmptyAndDataFiles."""
    world.drop(files=files)
    world.drop(NEXT)
    world.settle()
    assert world.states() == {EPOCH: State.REJECTED, NEXT: State.LOADED}


def test_empty_root_and_root_after_its_last_drop_are_nothing_to_do(world: OneRoot) -> None:
    """Flume: testInitiallyEmptyDirectory, testEmptyDirectoryAfterCommittingFile."""
    assert world.settle().is_idle
    world.drop()
    world.settle()
    assert world.settle().is_idle


def test_epochs_that_arrive_while_others_are_worked_on_are_all_taken_once(
    make_world: MakeWorld, scripted: Scripted
) -> None:
    """Flume: testConsumeFileRandomNewFile, testLargeNumberOfFiles."""
    world = make_world(loaders={"warehouse": scripted.loader})
    names = [f"20260901-02{minute:02}00" for minute in range(8)]
    for name in names:
        world.drop(name)
        world.look()
        world.advance(3)
    world.settle()
    assert scripted.calls() == names
    assert world.states() == dict.fromkeys(names, State.LOADED)


def test_commit_that_was_missed_loads_again_and_never_skips(make_world: MakeWorld) -> None:
    """Flume: testBasicCommitFailure: the load was done, the service was killed before it wrote so."""
    workers = Later()
    world = make_world(workers=workers)
    world.drop()
    world.work()
    world.advance(SETTLE)
    world.work()
    workers.run()
    world.work()
    workers.tasks[0][1]()  # the loader has it, and nobody hears of it
    workers.tasks.clear()
    world.restart()
    world.work()
    with logged() as lines:
        workers.run()
        world.work()
    assert world.state() is State.LOADED
    assert world.loaded() == {EPOCH: GOOD}
    assert any("it had them already" in line for line in lines)


def test_epoch_renamed_into_the_root_is_seen_like_one_that_grew_there(world: OneRoot) -> None:
    """paperless: P9, a file renamed into the directory; the safest way to upload."""
    folder = world.drop("uploading")
    world.settle()
    folder.rename(world.upload / EPOCH)
    world.settle()
    assert world.loaded() == {EPOCH: GOOD}
    assert world.notices() == {}


def test_epoch_that_is_renamed_while_it_settles_is_one_drop_under_its_last_name(world: OneRoot) -> None:
    """paperless: P3, changed between event and check."""
    folder = world.drop()
    world.work()
    world.advance(SETTLE - 1)
    folder.rename(world.upload / NEXT)
    world.work()
    world.advance(1)
    world.work()
    assert world.records() == ()
    world.advance(SETTLE)
    world.work()
    assert world.states() == {NEXT: State.LOADED}


def test_one_marker_in_the_root_releases_nothing(world: OneRoot) -> None:
    """Spring: AbstractMarkerFilePresentFileListFilterTests.testCustomFunction, one `allFilesDone` for all."""
    world.drop(marker=False)
    (world.upload / "COMPLETE").touch()
    looked = world.settle()
    assert world.records() == ()
    assert WaitFor.MARKER in {wait.waits_for for wait in looked.plan.waits}


def test_lock_file_of_an_editor_beside_the_data_is_no_data(world: OneRoot) -> None:
    """Spring: FileReadingMessageSource.lockedFilesAreIgnored; paperless: P6."""
    folder = world.drop()
    for name in (".~lock.students.csv#", "Thumbs.db", "._students.csv", "students.csv~"):
        (folder / name).write_bytes(b"left behind")
    world.settle()
    record = world.record()
    assert (record.state, record.warnings) == (State.LOADED, 0)
    assert world.loaded() == {EPOCH: GOOD}
