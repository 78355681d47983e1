"""Scenarios of Apache Camel's file-consumer suite, as they read for a watcher of epochs.

Camel's done file is our COMPLETE, its file our epoch directory. Each test names the scenario that it carries over.

Covered elsewhere, under the name of what it asks:

    FilerConsumerDoneFileName*Test, ...DualDoneFileName...  test_look_verdicts: without a marker a drop waits
    FilerConsumerMoveFailedDoneFileNameTest                 test_look_verdicts: bad drop is kept with its marker
    FilerConsumerRetryDoneFileNameTest                      test_look_loading: deferred, broken, back-off
    FileChangedReadLock*Test                                tests/intake/test_settle: any change begins anew
    FileChangedZeroLengthReadLockTest                       test_look_verdicts: zero-byte file is an error
    FileChangedReadLockLoggingLevelTest                     test_look_verdicts: a look that finds nothing new is silent
    FileConsumerIdempotent*Test (the very same file again)  test_look_verdicts: very same drop again
    IdempotentConsumerConcurrentTest, ...RepoExceptionTest  tests/journal, test_loop: a journal that fails
    FileConsumerBeginRenameStrategyTest                     tests/intake/test_claim_*: goes on from every stage
    FileConsumerAlterFileNameHeaderIssueTest                tests/loading: a loader gets copies of values
    FileConsumerExcludeNameTest, ...SkipDotFilesTest        tests/model/test_names, test_look_roots: temporary names
    FileConsumerDirectoryMustExist*Test                     test_look_roots: root that is deleted
    FileConsumeFileAsDirectoryTest                          tests/intake/test_scanner: root that is no directory
    FileConsumerRestartNotLeakThreadTest                    test_threads: fifty lives leave no thread
    FileConsumerJailStartingDirectorySymlinkTest            tests/intake/test_scanner, test_claim_epoch: links
    FileInvalidStartingPathTest, ...TempFileExistsIssueTest tests/config
    FileLockClusteredRoutePolicyTest                        test_lock, test_daemon: a second service

Without a counterpart here:

    FilerProducer*, FileProducer*                           nothing is written for others but reports
    *DoneFilePrefix*, *Suffix*, FileConsumeDynamicDone*     one marker, one exact name
    FilerConsumerDoneFileNameDeleteTest                     a drop is archived, never deleted
    FilerConsumerDoneFileNoopTest, FileConsumeNoop*         a drop is always taken out of its root
    FileExclusiveReadNoneStrategyTest                       settling can't be switched off
    FileIdempotentTrunkStore/Clear/Remove/LoadStoreTest     the journal is a database, without a byte limit
    FileKeepLastModifiedTest, FileConsumeCharsetTest        questions of the validation
    FileRecursiveDepthTest, ...MultipleDirectoriesTest      epochs are not searched for in depth
    FileConsumerSuspendTest, ...PollStrategy*Test           no suspending, no strategy to be plugged in
    FileConsumeBackoffMultiplierTest                        idle roots are swept, see test_sweep
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.service.conftest import MakeWorld
from tests.service.oneroot import BAD, GOOD, SETTLE, OneRoot, Scripted, logged
from watcher.model.states import State

EPOCH, NEXT = "20260901-020000", "20260902-020000"


# markers


def test_marker_that_comes_first_waits_for_the_data_and_all_of_it_is_taken(world: OneRoot) -> None:
    """Camel: FilerConsumerShouldSkipDoneFileTest.testDoneFile."""
    folder = world.drop(files={})
    world.settle()
    assert world.records() == ()
    assert (folder / "COMPLETE").exists()
    for name, content in GOOD.items():
        (folder / name).write_bytes(content)
    world.settle()
    assert world.loaded() == {EPOCH: GOOD}


def test_marker_is_never_itself_data(world: OneRoot) -> None:
    """Camel: FilerConsumerShouldSkipDoneFilePrefixTest."""
    (world.drop() / "COMPLETE").write_text("not,a\ncsv")
    world.settle()
    assert (world.state(), world.record().files) == (State.LOADED, 2)
    assert "COMPLETE" not in world.loaded()[EPOCH]


def test_one_of_two_epochs_without_its_marker_is_left(world: OneRoot) -> None:
    """Camel: FilerConsumerDualDoneFileNameTest.testOneDoneFileMissing."""
    world.drop()
    world.drop(NEXT, marker=False)
    world.settle()
    world.settle()
    assert world.states() == {EPOCH: State.LOADED}
    assert (world.upload / NEXT / "students.csv").exists()


def test_names_with_dollar_signs_and_braces_are_names(make_world: MakeWorld) -> None:
    """Camel: FileConsumeDoneFileIssueTest.testFileDoneFileNameContainingDollarSign, with format's characters too."""
    world = make_world(dataset="plain")
    files = dict.fromkeys(("$a$.csv", "{b}.csv", "c%s.csv", "d[0-9]*.csv", "e&f.csv", "two.dots.csv"), b"a,b\n1,2\n")
    world.drop(files=files)
    world.settle()
    assert world.loaded() == {EPOCH: files}


# files that still grow


def test_file_that_grows_at_every_look_is_taken_once_and_whole(world: OneRoot) -> None:
    """Camel: FileChangedReadLockTest.testChangedReadLock."""
    folder = world.drop(files={"guardians.csv": b"guardian_id,student_id,name\n"})
    head, *rows = GOOD["students.csv"].splitlines(keepends=True)
    rows = [b"%d" % (500 + n) + rows[0][6:] for n in range(20)]
    (folder / "students.csv").write_bytes(head)
    for row in rows:
        with (folder / "students.csv").open("ab") as file:
            file.write(row)
        world.settle(SETTLE - 1)
        assert world.records() == ()
    world.settle()
    assert [record.state for record in world.records()] == [State.LOADED]
    assert world.loaded()[EPOCH]["students.csv"] == head + b"".join(rows)


def test_epoch_that_vanishes_while_it_settles_is_no_error_and_the_next_is_taken(world: OneRoot) -> None:
    """Camel: FileChangedReadLockZeroTimeoutTest."""
    folder = world.drop()
    world.work()
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    world.drop(NEXT)
    with logged() as lines:
        world.settle()
        world.settle()
    assert world.states() == {NEXT: State.LOADED}
    assert not any(line.startswith(("action-failed", "claim")) and EPOCH in line for line in lines)


def test_old_files_are_not_taken_sooner(world: OneRoot) -> None:
    """Camel: FileChangedReadLockMinAgeShortCircuitTest; here the sender's clock never shortens the wait."""
    for path in world.drop().iterdir():
        os.utime(path, (0, 0))
    world.settle(SETTLE - 1)
    assert world.records() == ()


def test_what_a_crash_left_in_stage_does_not_block_and_is_not_data(world: OneRoot) -> None:
    """Camel: FileMarkerFileDeleteOldLockFilesTest.testDeleteOldLockOnStartup."""
    envelope = world.settings.work_dir / "stage" / "lakeview" / EPOCH
    (envelope / "files.partial").mkdir(parents=True)
    (envelope / "files.partial" / "students.csv").write_bytes(b"half")
    world.drop()
    world.settle()
    assert world.loaded() == {EPOCH: GOOD}


# the same again


def test_same_name_with_other_content_of_the_same_size_is_another_drop(world: OneRoot) -> None:
    """Camel: FileConsumerIdempotentKeyNameAndSizeTest.testIdempotentDiffSize; ours is by content, not by size."""
    world.drop()
    world.settle()
    other = {**GOOD, "students.csv": GOOD["students.csv"].replace(b"Maria", b"Julia")}
    world.drop(files=other)
    world.settle()
    first, second = world.records()
    assert (first.size_bytes, first.state) == (second.size_bytes, second.state)
    assert first.key != second.key
    assert sorted(files["students.csv"] for files in world.loaded().values()) == sorted(
        (GOOD["students.csv"], other["students.csv"])
    )


def test_archived_epoch_moved_back_by_hand_is_a_new_take_and_loads_nothing_twice(world: OneRoot) -> None:
    """Camel: FileConsumerIdempotentTest.testIdempotent."""
    world.drop()
    world.settle()
    (world.settings.work_dir / "archive" / "lakeview" / EPOCH / "files").rename(world.upload / EPOCH)
    with logged() as lines:
        world.settle()
    assert world.record().take == 2
    assert any("it had them already" in line for line in lines)
    assert world.loaded() == {EPOCH: GOOD}


def test_same_epoch_many_times_never_overwrites_what_was_kept(world: OneRoot) -> None:
    """Camel: FileConsumerCommitRenameStrategyTest.testRenameFileExists, FileConsumerPreMoveTest."""
    for number in range(3):
        world.drop(files={**GOOD, "students.csv": GOOD["students.csv"].replace(b"Noah", b"Noah%d" % number)})
        world.settle()
    kept = world.kept("archive")
    assert sorted(kept) == [EPOCH, f"{EPOCH}.2", f"{EPOCH}.3"]
    assert len({files["students.csv"] for files in kept.values()}) == 3


def test_drop_that_failed_once_is_not_taken_for_seen(make_world: MakeWorld, scripted: Scripted) -> None:
    """Camel: FileConsumerIdempotentKeyHeaderMutationTest, FileIdempotentReadLockPreMoveTest."""
    world = make_world(loaders={"warehouse": scripted.loader})
    scripted.answers("never")
    world.drop()
    world.settle()
    world.drop()
    world.settle()
    assert world.states() == {EPOCH: State.FAILED, f"{EPOCH}.2": State.LOADED}


# success and failure


def test_good_and_bad_drops_each_end_in_their_folder_with_their_content(world: OneRoot) -> None:
    """Camel: FileConsumerMoveFailureTest, MoveAndMoveFailureTest."""
    world.drop()
    world.drop(NEXT, files=BAD)
    world.settle()
    assert set(world.kept("archive")) == {EPOCH}
    assert world.kept("rejected") == {NEXT: {**BAD, "COMPLETE": b""}}


def test_third_try_is_the_good_one(make_world: MakeWorld, scripted: Scripted) -> None:
    """Camel: FromFilePollThirdTimeOkTest."""
    world = make_world(loaders={"warehouse": scripted.loader})
    scripted.answers("break", "break")
    world.drop()
    world.settle()
    world.advance(60)
    world.work()
    assert EPOCH in world.kept("stage")
    world.advance(120)
    world.work()
    assert (world.state(), len(scripted.calls())) == (State.LOADED, 3)


def test_full_disk_while_claiming_is_said_and_the_drop_is_picked_up_again(
    world: OneRoot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Camel: FileConsumerCustomExceptionHandlerTest."""
    from watcher import fsops

    world.drop()
    world.work()
    world.advance(SETTLE)
    with monkeypatch.context() as patch, logged() as lines:
        patch.setattr(fsops, "move", _no_space)
        looked = world.look()
    assert looked.next_look_seconds == 5
    assert any(line.startswith(f"action-failed lakeview {EPOCH}") and "No space left" in line for line in lines)
    world.advance(5)
    world.work()
    assert world.state() is State.LOADED


def _no_space(*_: object) -> None:
    raise OSError(28, os.strerror(28))


# order, many, odd paths


def test_two_hundred_files_in_one_epoch_are_all_there(make_world: MakeWorld) -> None:
    """Camel: FileConsumerPollManyFilesTest."""
    world = make_world(dataset="plain")
    files = {f"file-{number}.csv": b"a,b\n%d,2\n" % number for number in range(200)}
    world.drop(files=files)
    world.settle()
    assert (world.record().files, world.loaded()[EPOCH]) == (200, files)


@pytest.mark.parametrize(
    "name", ["$dollar", "amp&ersand", "per%20cent", "{brace}", "new\nline", "caf\udce9", " blank "]
)
def test_odd_characters_in_the_roots_own_path_are_characters(tmp_path: Path, name: str) -> None:
    """Camel: FileConsumeWithDollarInPathTest, FileConsumerPathWithAmpersandTest, FileURLDecodingTest."""
    world = OneRoot(tmp_path, upload=name, loaders={})
    world.change(loaders=())
    world.drop()
    world.settle()
    assert world.state() is State.LOADED
    assert f"{EPOCH}.txt" in world.results()
    world.close()


def test_link_that_is_seen_at_every_look_is_said_once(world: OneRoot, tmp_path: Path) -> None:
    """Camel: FileConsumerJailStartingDirectorySymlinkTest."""
    (tmp_path / "outside_auto.csv").write_bytes(b"secret")
    (world.upload / "outside_auto.csv").symlink_to(tmp_path / "outside_auto.csv")
    with logged() as lines:
        for _ in range(5):
            world.settle(200)
    assert [line.split()[0] for line in lines] == ["unknown-entry"]
    assert world.records() == ()
