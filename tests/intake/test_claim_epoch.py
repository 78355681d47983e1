"""An epoch is taken once, by rename, from a root that is anybody's."""

from __future__ import annotations

import errno
import os
import shutil
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from tests.intake.children import held_open
from tests.intake.drops import EPOCH, FILES, STUDENTS, drop, intent, names_in, staged, wait_for_tick
from tests.needs import needs
from watcher import fsops
from watcher.intake.bring import Gone, NotYet
from watcher.intake.claim import Taken, take
from watcher.intake.envelope import claim_notes, discard_empty
from watcher.model.names import MARKER

signal.signal(signal.SIGIO, signal.SIG_IGN)  # as the service does before it takes its first lease

WHOLE = {**FILES, MARKER: b""}
SIZE = sum(map(len, FILES.values()))


def test_take_renames_the_epoch_into_its_envelope(root: Path, envelope: Path) -> None:
    folder = drop(root)
    inode = folder.stat().st_ino
    assert take(intent(root), root, envelope) == Taken("renamed", 2, SIZE, source_left=False)
    assert staged(envelope) == WHOLE
    assert (envelope / "files").stat().st_ino == inode
    assert names_in(root) == []
    assert names_in(envelope) == ["files"]


def test_take_envelope_is_for_the_service_alone(root: Path, envelope: Path) -> None:
    drop(root)
    take(intent(root), root, envelope)
    assert envelope.stat().st_mode & 0o777 == 0o700


def test_take_again_after_it_was_taken_changes_nothing(root: Path, envelope: Path) -> None:
    drop(root)
    record = intent(root)
    first = take(record, root, envelope)
    assert take(record, root, envelope) == first
    assert staged(envelope) == WHOLE


def test_take_again_leaves_a_new_drop_of_the_same_name_alone(root: Path, envelope: Path) -> None:
    drop(root)
    record = intent(root)
    take(record, root, envelope)
    drop(root, files={"students.csv": b"another"})
    assert take(record, root, envelope) == Taken("renamed", 2, SIZE, source_left=False)
    assert staged(envelope) == WHOLE
    assert (root / EPOCH / "students.csv").read_bytes() == b"another"


def test_take_odd_names_are_taken_as_they_are(root: Path, envelope: Path) -> None:
    odd = {"new\nline.csv": b"1", "{x}.csv": b"2", "caf\udce9.csv": b"3", "[b]$a$.csv": b"4", "-rf": b"5"}
    drop(root, files=odd)
    assert isinstance(take(intent(root), root, envelope), Taken)
    assert staged(envelope) == {**odd, MARKER: b""}


# the source is not what it was when the claim was planned


def test_take_epoch_that_is_gone_takes_nothing(root: Path, envelope: Path) -> None:
    folder = drop(root)
    record = intent(root)
    shutil.rmtree(folder)
    assert take(record, root, envelope) == Gone("the sender took it away before it was claimed")
    assert names_in(envelope) == []


@pytest.mark.parametrize("change", ["content", "new file", "lost file", "renamed file", "whole epoch", "link"])
def test_take_epoch_that_changed_since_the_plan_is_left_in_place(root: Path, envelope: Path, change: str) -> None:
    folder = drop(root)
    record = intent(root)
    wait_for_tick(folder)
    match change:
        case "content":
            (folder / "students.csv").write_bytes(STUDENTS.replace(b"Maria", b"Julia"))
        case "new file":
            (folder / "more.csv").touch()
        case "lost file":
            (folder / "guardians.csv").unlink()
        case "renamed file":
            (folder / "guardians.csv").rename(folder / "parents.csv")
        case "whole epoch":
            shutil.rmtree(folder)
            drop(root)
        case _:
            folder.rename(root.parent / "aside")
            folder.symlink_to(root.parent / "aside")
    before = names_in(root), names_in(folder)
    assert take(record, root, envelope) == Gone("it changed before it was claimed")
    assert (names_in(root), names_in(folder)) == before
    assert names_in(envelope) == []


def test_take_from_a_root_that_is_not_there_waits(root: Path, envelope: Path) -> None:
    drop(root)
    record = intent(root)
    root.rename(root.parent / "unmounted")
    assert take(record, root, envelope) == NotYet(f"the root {root} is not there")
    (root.parent / "unmounted").rename(root)
    assert isinstance(take(record, root, envelope), Taken)


def test_take_a_disk_error_is_ours_and_is_raised(root: Path, envelope: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drop(root)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(fsops, "move", full)
        with pytest.raises(OSError, match="No space left"):
            take(intent(root), root, envelope)
    assert names_in(root) == [EPOCH]
    assert isinstance(take(intent(root), root, envelope), Taken)


def test_discard_empty_never_removes_what_was_taken(root: Path, envelope: Path) -> None:
    drop(root)
    take(intent(root), root, envelope)
    discard_empty(envelope)
    assert staged(envelope) == WHOLE
    empty = envelope.with_name("empty")
    empty.mkdir()
    discard_empty(empty)
    assert not empty.exists()


# what was renamed must be beyond the sender's reach


def test_take_file_with_another_link_is_copied_to_a_fresh_inode(root: Path, envelope: Path) -> None:
    """The sender keeps a second name of the file outside the drop; what he writes there must not reach us."""
    folder = drop(root)
    os.link(folder / "students.csv", root / "kept.csv")
    assert take(intent(root), root, envelope) == Taken("copied", 2, SIZE, source_left=False)
    (root / "kept.csv").write_bytes(b"changed later")
    assert staged(envelope) == WHOLE
    assert {path.stat().st_nlink for path in (envelope / "files").iterdir()} == {1}
    assert claim_notes(envelope) == (("students.csv", "hard link"),)
    assert names_in(envelope) == ["claim.json", "files"]


def test_take_file_with_a_link_to_a_file_elsewhere_leaves_that_file(root: Path, envelope: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(b"not the sender's")
    os.link(tmp_path / "elsewhere", drop(root) / "linked.csv")
    assert isinstance(take(intent(root), root, envelope), Taken)
    assert (tmp_path / "elsewhere").read_bytes() == b"not the sender's"
    assert (tmp_path / "elsewhere").stat().st_nlink == 1


def test_take_file_with_an_open_writer_waits_out_of_reach(root: Path, envelope: Path) -> None:
    folder = drop(root)
    record = intent(root)
    with held_open(folder / "students.csv"):
        assert take(record, root, envelope) == NotYet("students.csv is still open for writing")
        assert names_in(root) == []
        assert take(record, root, envelope) == NotYet("students.csv is still open for writing")
    assert take(record, root, envelope) == Taken("renamed", 2, SIZE, source_left=False)
    assert staged(envelope) == WHOLE


def test_take_settles_for_a_copy_when_the_writer_stays(root: Path, envelope: Path) -> None:
    folder = drop(root)
    record = intent(root)
    with held_open(folder / "students.csv", "map"):
        take(record, root, envelope)
        before = (envelope / "files" / "students.csv").stat().st_ino
        assert take(record, root, envelope, settle_for_copy=True) == Taken("copied", 2, SIZE, source_left=False)
        assert (envelope / "files" / "students.csv").stat().st_ino != before
    assert staged(envelope) == WHOLE


# what is no regular file


@needs("mount", root=True)
def test_take_never_follows_or_opens_what_is_no_file(root: Path, envelope: Path, tmp_path: Path) -> None:
    """Renamed along with the rest; the validation then refuses the drop for them."""
    (tmp_path / "secret").write_bytes(b"secret")
    folder = drop(root)
    (folder / "link.csv").symlink_to(tmp_path / "secret")
    (folder / "dangling.csv").symlink_to("nowhere")
    os.mkfifo(folder / "pipe.csv")
    os.mknod(folder / "null.csv", 0o666 | 0o020000, os.makedev(1, 3))
    (folder / "sub").mkdir()
    (folder / "sub" / "deep.csv").touch()
    assert take(intent(root), root, envelope) == Taken("renamed", 2, SIZE, source_left=False)
    assert staged(envelope) == WHOLE
    assert os.readlink(envelope / "files" / "link.csv") == str(tmp_path / "secret")
    assert (envelope / "files" / "sub" / "deep.csv").exists()


def test_take_copy_leaves_out_what_is_no_file_and_notes_it(root: Path, envelope: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    folder = drop(root)
    os.link(folder / "students.csv", root / "kept.csv")  # makes it a copy
    (folder / "link\n.csv").symlink_to(tmp_path / "secret")
    os.mkfifo(folder / "pipe.csv")
    (folder / "sub").mkdir()
    assert isinstance(take(intent(root), root, envelope), Taken)
    assert staged(envelope) == WHOLE
    assert names_in(envelope / "files") == sorted(WHOLE)
    assert claim_notes(envelope) == (
        (r"link\n.csv", "symbolic link"),
        ("pipe.csv", "named pipe"),
        ("sub", "directory"),
        ("students.csv", "hard link"),
    )


def test_claim_notes_of_a_drop_that_was_taken_whole_is_nothing(root: Path, envelope: Path) -> None:
    drop(root)
    take(intent(root), root, envelope)
    assert claim_notes(envelope) == ()


# cut off at any stage of what lies on disk, and taken up again


@pytest.fixture
def shared(root: Path, envelope: Path) -> Path:
    """An epoch of which one file has a second link, so that its claim swaps in a copy; already in its envelope."""
    folder = drop(root)
    os.link(folder / "students.csv", root / "kept.csv")
    envelope.mkdir(parents=True)
    return envelope


@pytest.mark.parametrize("stage", ["renamed", "half copied", "copied", "original aside", "swapped"])
def test_take_goes_on_from_every_stage_of_a_swap(root: Path, shared: Path, stage: str) -> None:
    record = intent(root)
    files, copied, original = shared / "files", shared / "files.copied", shared / "original"
    (root / EPOCH).rename(files)
    if stage != "renamed":
        shutil.copytree(files, shared / "files.partial")
    if stage == "half copied":
        (shared / "files.partial" / "students.csv").write_bytes(STUDENTS[:5])
        (shared / "files.partial" / MARKER).unlink()
    if stage in ("copied", "original aside", "swapped"):
        (shared / "files.partial").rename(copied)
    if stage in ("original aside", "swapped"):
        files.rename(original)
    if stage == "swapped":
        copied.rename(files)
    assert isinstance(take(record, root, shared), Taken)
    assert staged(shared) == WHOLE
    assert {path.stat().st_nlink for path in files.iterdir()} == {1}
    assert set(names_in(shared)) - {"claim.json"} == {"files"}


def test_take_after_a_cut_off_copy_begins_it_anew(root: Path, envelope: Path) -> None:
    """What a crash left of the copy is never taken for the drop."""
    drop(root)
    record = intent(root)
    partial = envelope / "files.partial"
    partial.mkdir(parents=True)
    (partial / "students.csv").write_bytes(STUDENTS[:5])
    (partial / "stranger.csv").write_bytes(b"")
    assert take(record, root, envelope) == Taken("renamed", 2, SIZE, source_left=False)
    assert staged(envelope) == WHOLE
    assert names_in(envelope) == ["files"]


def test_take_of_a_second_take_has_an_envelope_of_its_own(root: Path, envelope: Path) -> None:
    drop(root)
    take(intent(root), root, envelope)
    drop(root, files={"students.csv": b"second"})
    second = replace(intent(root), take=2)
    assert isinstance(take(second, root, envelope.with_name(second.folder_name)), Taken)
    assert staged(envelope) == WHOLE
    assert staged(envelope.with_name(f"{EPOCH}.2"))["students.csv"] == b"second"
