"""Drops made to fill the disk, to lose a part of themselves, or to keep a claim busy for ever."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.intake.children import SENDER, SERVICE, as_user, with_mount
from tests.intake.drops import (
    EPOCH,
    FILES,
    GUARDIANS,
    STUDENTS,
    drop,
    epoch_of,
    gather_intent,
    intent,
    names_in,
    staged,
)
from tests.intake.test_fstree import nest
from tests.needs import needs
from watcher.intake import scanner
from watcher.intake.bring import Gone, NotYet
from watcher.intake.claim import Outcome, Taken, take
from watcher.intake.envelope import claim_notes
from watcher.model.names import MARKER
from watcher.model.records import Record

signal.signal(signal.SIGIO, signal.SIG_IGN)  # as the service does before it takes its first lease

WHOLE = {**FILES, MARKER: b""}
SIZE = sum(map(len, FILES.values()))
NO_MOUNT = NotYet("the root is another file system now; is a mount missing?")


def share(folder: Path) -> None:
    """Give a file of the epoch a second name outside of it: its claim then swaps in a copy."""
    os.link(folder / "students.csv", folder.parent / "kept.csv")


# size


def test_take_sparse_file_is_copied_sparse(root: Path, envelope: Path) -> None:
    folder = drop(root)
    os.truncate(folder / "students.csv", 1 << 30)
    share(folder)
    assert take(intent(root), root, envelope) == Taken("copied", 2, (1 << 30) + len(GUARDIANS), source_left=False)
    copy = (envelope / "files" / "students.csv").stat()
    assert (copy.st_size, copy.st_blocks * 512 < 1 << 20) == (1 << 30, True)


def take_of_the_largest(folder: Path) -> Outcome:
    """The claim of two files that say they are 8 EiB, which few file systems let them."""
    root = folder / "upload"
    for path in drop(root).glob("*.csv"):
        os.truncate(path, 2**63 - 1)
    return take(intent(root), root, folder / "work" / EPOCH)


@needs("mount", "unshare", root=True)
def test_take_says_no_more_bytes_than_the_journal_can_count(tmp_path: Path) -> None:
    outcome = with_mount("tmpfs", "size=8m", tmp_path, take_of_the_largest, tmp_path)
    assert outcome == Taken("renamed", 2, 2**63 - 1, source_left=False)


# more entries than are listed


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only five entries of a directory are listed."""
    monkeypatch.setattr(scanner, "MAX_ENTRIES", 5)


MANY = {f"{number}.csv": b"x" for number in range(9)}


@pytest.mark.usefixtures("few")
def test_take_epoch_with_more_entries_than_are_listed_is_left_in_place(root: Path, envelope: Path) -> None:
    folder = drop(root, files=MANY)
    assert take(intent(root), root, envelope) == Gone("it changed before it was claimed")
    assert names_in(folder) == sorted((*MANY, MARKER))


@pytest.mark.usefixtures("few")
def test_take_what_was_renamed_with_more_entries_than_are_listed_is_kept_as_it_is(root: Path, envelope: Path) -> None:
    """The sender added them between the plan and the rename; a copy of the listed ones would lose the others."""
    folder = drop(root)
    share(folder)
    record = intent(root)
    envelope.mkdir(parents=True)
    folder.rename(envelope / "files")
    for name, content in MANY.items():
        (envelope / "files" / name).write_bytes(content)
    for patience_is_over in (False, True):
        outcome = take(record, root, envelope, settle_for_copy=patience_is_over)
        assert outcome == NotYet("its folder in stage has more than 20,000 entries")
    assert staged(envelope) == {**WHOLE, **MANY}


# depth


@pytest.fixture
def deep_envelope(envelope: Path) -> Iterator[Path]:
    """What is left of a deep tree is removed by a program that can."""
    yield envelope
    subprocess.run(["rm", "-rf", str(envelope)], check=True)


def test_take_swaps_a_copy_for_a_drop_of_any_depth(root: Path, deep_envelope: Path) -> None:
    folder = drop(root)
    share(folder)
    (folder / "sub").mkdir()
    nest(folder / "sub")
    assert take(intent(root), root, deep_envelope) == Taken("copied", 2, SIZE, source_left=False)
    assert staged(deep_envelope) == WHOLE
    assert names_in(deep_envelope) == ["claim.json", "files"]


@needs(root=True)
def test_take_swaps_a_copy_beside_an_original_that_can_not_be_removed(open_folder: Path) -> None:
    """A directory in it is its sender's alone; it must not stand in the way of the next swap."""
    root, envelope = open_folder / "upload", open_folder / "envelope"
    drop(root)
    record = intent(root)
    (envelope / "original" / "theirs").mkdir(parents=True)
    (envelope / "original" / "theirs" / "file").touch()
    (root / EPOCH).rename(envelope / "files")
    shutil.copytree(envelope / "files", envelope / "files.copied")
    for path in (envelope, *envelope.glob("*"), *envelope.glob("files*/*")):
        os.chown(path, SERVICE, SERVICE)
    os.chown(envelope / "original" / "theirs", SENDER, SENDER)
    assert isinstance(as_user(SERVICE, take, record, root, envelope), Taken)
    assert staged(envelope) == WHOLE
    assert names_in(envelope) == ["files", "original"]


# what can't be read


@pytest.fixture
def foreign(open_folder: Path) -> Path:
    """A root with an epoch that is its sender's alone, one file of it for his eyes only; work/ is the service's."""
    root = open_folder / "upload"
    folder = drop(root)
    for path in (root, folder, *folder.iterdir()):
        os.chown(path, SENDER, SENDER)
    root.chmod(0o777)
    folder.chmod(0o755)
    (folder / "students.csv").chmod(0o600)
    (open_folder / "work").mkdir()
    os.chown(open_folder / "work", SERVICE, SERVICE)
    return root


@needs(root=True)
def test_take_copies_nothing_of_a_drop_while_it_waits_for_a_file_that_can_not_be_read(foreign: Path) -> None:
    """It used to copy the readable ones again at each try."""
    envelope = foreign.parent / "work" / EPOCH
    outcome = as_user(SERVICE, take, intent(foreign), foreign, envelope)
    assert outcome == NotYet("students.csv can't be read: Permission denied")
    assert names_in(envelope) == []


def take_patiently(record: Record, root: Path, envelope: Path) -> tuple[Outcome, Outcome]:
    """The claim when patience is over, and as a crash before it was journaled has it done once more."""
    outcome = take(record, root, envelope, settle_for_copy=True)
    return outcome, take(record, root, envelope)


@needs(root=True)
@pytest.mark.parametrize("mode", [0o755, 0o777])
def test_take_leaves_out_what_can_not_be_read_when_patience_is_over(foreign: Path, mode: int) -> None:
    """The original stays as it is, also where it could be removed: mended by its sender, it is a drop of its own."""
    (foreign / EPOCH).chmod(mode)
    foreign.chmod(0o1777)  # sticky: only the sender may move the epoch
    envelope = foreign.parent / "work" / EPOCH
    outcomes = as_user(SERVICE, take_patiently, intent(foreign), foreign, envelope)
    assert outcomes == (Taken("copied", 1, len(GUARDIANS), source_left=True),) * 2
    assert staged(envelope) == {"guardians.csv": GUARDIANS, MARKER: b""}
    assert claim_notes(envelope) == (("students.csv", "unreadable file"),)
    assert names_in(foreign / EPOCH) == sorted(WHOLE)


def take_with_small_files(record: Record, root: Path, envelope: Path) -> tuple[Outcome, Outcome]:
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
    return take(record, root, envelope), take(record, root, envelope, settle_for_copy=True)


@needs(root=True)
def test_take_leaves_out_what_is_too_large_for_the_stage_when_patience_is_over(foreign: Path) -> None:
    """A sparse file of a size that the stage's file system does not know would break off every look."""
    (foreign / EPOCH / "students.csv").chmod(0o644)
    os.truncate(foreign / EPOCH / "students.csv", 1 << 21)
    envelope = foreign.parent / "work" / EPOCH
    first, then = as_user(SERVICE, take_with_small_files, intent(foreign), foreign, envelope)
    assert first == NotYet("students.csv can't be read: File too large")
    assert then == Taken("copied", 1, len(GUARDIANS), source_left=True)
    assert claim_notes(envelope) == (("students.csv", "unreadable file"),)


def sticky(open_folder: Path) -> Path:
    """A root with loose files that the service may neither move nor, all but one, read."""
    root = open_folder / "upload"
    root.mkdir()
    for name, content, mode in (("guardians", GUARDIANS, 0o644), ("students", STUDENTS, 0o600)):
        path = root / f"{name}_auto.csv"
        path.write_bytes(content)
        path.chmod(mode)
        os.chown(path, SENDER, SENDER)
    root.chmod(0o1777)
    (open_folder / "work").mkdir()
    os.chown(open_folder / "work", SERVICE, SERVICE)
    return root


@needs(root=True)
def test_gather_leaves_out_what_can_not_be_read_when_patience_is_over(open_folder: Path) -> None:
    root = sticky(open_folder)
    envelope = open_folder / "work" / EPOCH
    first = as_user(SERVICE, take, gather_intent(root), root, envelope)
    assert first == NotYet("students_auto.csv can't be read: Permission denied")
    outcomes = as_user(SERVICE, take_patiently, gather_intent(root), root, envelope)
    assert outcomes == (Taken("gathered", 1, len(GUARDIANS), source_left=True),) * 2
    assert claim_notes(envelope) == (("students.csv", "unreadable file"),)
    assert names_in(root) == ["guardians_auto.csv", "students_auto.csv"]


@needs(root=True)
def test_gather_of_which_nothing_can_be_read_is_a_drop_all_the_same(open_folder: Path) -> None:
    """Were it withdrawn, the same files would be gathered again at once."""
    root = sticky(open_folder)
    envelope = open_folder / "work" / EPOCH
    record = gather_intent(root, "students_auto.csv")
    outcome = as_user(SERVICE, take, record, root, envelope)
    assert outcome == NotYet("students_auto.csv can't be read: Permission denied")
    assert as_user(SERVICE, take_patiently, record, root, envelope)[0] == Taken("gathered", 0, 0, source_left=True)
    assert staged(envelope) == {MARKER: b""}


# a mount that is missing, and devices that a reboot numbers anew


def on_device(record: Record, path: Path) -> Record:
    """The record with the device on which this lies."""
    return replace(record, source=replace(record.source, device=path.stat().st_dev))


def elsewhere(record: Record) -> Record:
    """The record as before a reboot that numbered the devices anew."""
    return replace(record, source=replace(record.source, device=record.source.device + 1))


@pytest.fixture
def half(root: Path, envelope: Path) -> Record:
    """A gather of two files that was cut off after the first."""
    (root / "students_auto.csv").write_bytes(STUDENTS)
    (root / "guardians_auto.csv").write_bytes(GUARDIANS)
    record = on_device(gather_intent(root), root)
    (envelope / "files.partial").mkdir(parents=True)
    (root / "students_auto.csv").rename(envelope / "files.partial" / "students.csv")
    return record


@needs("mount", "unshare", root=True)
def test_gather_goes_on_only_when_the_roots_mount_is_back(root: Path, envelope: Path, half: Record) -> None:
    """A mount point without its mount is an empty folder; the half that had come used to be made a drop."""
    assert with_mount("tmpfs", "size=1m", root, take, half, root, envelope) == NO_MOUNT
    assert take(half, root, envelope) == Taken("gathered", 2, SIZE, source_left=False)
    assert staged(envelope) == WHOLE


def take_with_upload(record: Record, root: Path, envelope: Path) -> tuple[Outcome, list[str]]:
    (root / "guardians_auto.csv").write_bytes(b"newer")
    return take(record, root, envelope), names_in(root)


@needs("mount", "unshare", root=True)
def test_gather_goes_on_in_another_file_system_to_which_the_sender_uploads(
    root: Path, envelope: Path, half: Record
) -> None:
    outcome, left = with_mount("tmpfs", "size=1m", root, take_with_upload, half, root, envelope)
    assert (outcome, left) == (Taken("gathered", 1, len(STUDENTS), source_left=False), ["guardians_auto.csv"])


def test_gather_without_its_first_file_knows_the_root_by_its_device(root: Path, envelope: Path, half: Record) -> None:
    (root / "guardians_auto.csv").unlink()
    assert take(half, root, envelope) == Taken("gathered", 1, len(STUDENTS), source_left=False)


def cut_after_copy(root: Path, envelope: Path) -> Record:
    """An epoch whose copy is whole, cut off before its original was removed."""
    record = intent(root)
    shutil.copytree(root / EPOCH, envelope / "files")
    return record


def test_take_of_a_copy_remembers_the_original_of_a_root_that_is_gone(root: Path, envelope: Path) -> None:
    """Forgotten, it would be taken a second time when the root is back."""
    drop(root)
    record = cut_after_copy(root, envelope)
    root.rename(root.parent / "unmounted")
    assert take(record, root, envelope) == Taken("copied", 2, SIZE, source_left=True)
    (root.parent / "unmounted").rename(root)
    assert take(record, root, envelope) == Taken("copied", 2, SIZE, source_left=False)
    assert names_in(root) == []


@needs("mount", "unshare", root=True)
def test_take_of_a_copy_remembers_the_original_below_a_missing_mount(root: Path, envelope: Path) -> None:
    drop(root)
    record = cut_after_copy(root, envelope)
    outcome = with_mount("tmpfs", "size=1m", root, take, record, root, envelope)
    assert outcome == Taken("copied", 2, SIZE, source_left=True)


def test_take_of_a_rename_has_nothing_to_remember_of_a_root_that_is_gone(root: Path, envelope: Path) -> None:
    drop(root)
    record = intent(root)
    take(record, root, envelope)
    root.rmdir()
    assert take(record, root, envelope) == Taken("renamed", 2, SIZE, source_left=False)


def test_take_knows_the_epoch_again_whatever_number_its_device_has(root: Path, envelope: Path) -> None:
    drop(root)
    assert isinstance(take(elsewhere(intent(root)), root, envelope), Taken)
    assert staged(envelope) == WHOLE


def test_take_of_a_copy_removes_the_original_whatever_number_its_device_has(root: Path, envelope: Path) -> None:
    drop(root)
    record = elsewhere(cut_after_copy(root, envelope))
    assert take(record, root, envelope) == Taken("copied", 2, SIZE, source_left=False)
    assert names_in(root) == []


# what the planner is told of a directory that is not listed to its end


@pytest.mark.usefixtures("few")
def test_scan_epoch_with_too_many_entries_has_a_problem(root: Path) -> None:
    drop(root, files=dict.fromkeys("abcde", b""))
    drop(root, "20260902-020000", files=dict.fromkeys("abcd", b""))
    assert epoch_of(root).problem == "has more than 20,000 entries"
    assert epoch_of(root, "20260902-020000").problem == ""


@pytest.mark.usefixtures("few")
def test_scan_root_with_too_many_entries_is_unavailable(root: Path) -> None:
    """An epoch or a file that belongs with the others may be among those that were not seen."""
    for number in range(6):
        (root / f"{number}_auto.csv").touch()
    facts = scanner.scan("lakeview", root)
    assert (facts.problem, facts.loose) == (f"{root} has more than 20,000 entries", ())
