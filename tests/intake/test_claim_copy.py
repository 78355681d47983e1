"""Where a rename is refused, a drop is copied, proved, and its original removed or remembered."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.intake.children import SENDER, SERVICE, as_user, held_open, with_mount
from tests.intake.drops import EPOCH, FILES, STUDENTS, drop, gather_intent, intent, names_in, staged, wait_for_tick
from tests.needs import needs
from watcher import fsops
from watcher.intake.bring import Gone, NotYet
from watcher.intake.claim import Outcome, Taken, take
from watcher.model.names import MARKER
from watcher.model.records import Record

pytestmark = needs("mount", "unshare", root=True)
signal.signal(signal.SIGIO, signal.SIG_IGN)  # as the service does before it takes its first lease

WHOLE = {**FILES, MARKER: b""}
SIZE = sum(map(len, FILES.values()))


# a directory that is not ours to move: `sftp put -r` leaves it with mode 0755


@pytest.fixture
def foreign(open_folder: Path) -> Path:
    """A root in which the service may write, with an epoch that is its sender's alone; work/ is the service's."""
    root = open_folder / "upload"
    folder = drop(root)
    for path in (root, folder, *folder.iterdir()):
        os.chown(path, SENDER, SENDER)
    root.chmod(0o777)
    folder.chmod(0o755)
    work = open_folder / "work"
    work.mkdir()
    os.chown(work, SERVICE, SERVICE)
    return root


def take_twice(record: Record, root: Path, envelope: Path) -> tuple[Outcome, Outcome, dict[str, bytes]]:
    return take(record, root, envelope), take(record, root, envelope), staged(envelope)


def test_take_foreign_directory_is_copied_and_what_can_not_be_removed_is_told(foreign: Path) -> None:
    envelope = foreign.parent / "work" / EPOCH
    first, again, files = as_user(SERVICE, take_twice, intent(foreign), foreign, envelope)
    assert first == again == Taken("copied", 2, SIZE, source_left=True)
    assert files == WHOLE
    assert names_in(foreign / EPOCH) == sorted(WHOLE)


def test_take_foreign_copy_is_ours_with_the_senders_times(foreign: Path) -> None:
    envelope = foreign.parent / "work" / EPOCH
    os.utime(foreign / EPOCH / "students.csv", ns=(10**18, 10**18))
    as_user(SERVICE, take, intent(foreign), foreign, envelope)
    status = (envelope / "files" / "students.csv").stat()
    assert (status.st_uid, status.st_mode & 0o777, status.st_mtime_ns) == (SERVICE, 0o600, 10**18)


def test_take_again_once_the_sender_has_cleared_up_tells_that_nothing_is_left(foreign: Path) -> None:
    envelope = foreign.parent / "work" / EPOCH
    record = intent(foreign)
    as_user(SERVICE, take, record, foreign, envelope)
    for path in (foreign / EPOCH).iterdir():
        path.unlink()
    (foreign / EPOCH).rmdir()
    assert as_user(SERVICE, take, record, foreign, envelope) == Taken("copied", 2, SIZE, source_left=False)


def test_take_from_a_sticky_root_empties_the_directory_that_must_stay(foreign: Path) -> None:
    """As in /tmp: what lies in the epoch is ours to remove, the directory itself is not."""
    foreign.chmod(0o1777)
    (foreign / EPOCH).chmod(0o777)
    envelope = foreign.parent / "work" / EPOCH
    assert as_user(SERVICE, take, intent(foreign), foreign, envelope) == Taken("copied", 2, SIZE, source_left=True)
    assert staged(envelope) == WHOLE
    assert names_in(foreign / EPOCH) == []


def test_take_what_may_be_moved_is_copied_where_no_lease_can_be_had(foreign: Path) -> None:
    """Nobody can tell us that the sender has closed his files: a fresh inode is beyond him in any case."""
    (foreign / EPOCH).chmod(0o777)
    envelope = foreign.parent / "work" / EPOCH
    with held_open(foreign / EPOCH / "students.csv"):
        outcome = as_user(SERVICE, take, intent(foreign), foreign, envelope)
    assert outcome == Taken("copied", 2, SIZE, source_left=False)
    assert staged(envelope) == WHOLE
    assert {path.stat().st_uid for path in (envelope / "files").iterdir()} == {SERVICE}
    assert names_in(foreign) == []


def test_take_copy_of_an_unreadable_file_waits_and_leaves_all_in_place(foreign: Path) -> None:
    (foreign / EPOCH / "students.csv").chmod(0o600)
    envelope = foreign.parent / "work" / EPOCH
    outcome = as_user(SERVICE, take, intent(foreign), foreign, envelope)
    assert outcome == NotYet("students.csv can't be read: Permission denied")
    assert names_in(foreign / EPOCH) == sorted(WHOLE)
    assert not (envelope / "files").exists()


def test_take_renamed_epoch_with_an_unreadable_file_goes_to_the_validation_as_it_is(foreign: Path) -> None:
    (foreign / EPOCH).chmod(0o777)
    (foreign / EPOCH / "students.csv").chmod(0o600)
    envelope = foreign.parent / "work" / EPOCH
    outcome = as_user(SERVICE, take, intent(foreign), foreign, envelope)
    assert outcome == Taken("renamed", 2, SIZE, source_left=False)
    assert staged(envelope) == WHOLE


# another mount


def on_another_mount(function: Callable[..., Any], envelope: Path, *arguments: Any, options: str = "size=8m") -> Any:
    """What the function returns when the envelope's folder is a mount of its own."""
    envelope.parent.mkdir(parents=True, exist_ok=True)
    return with_mount("tmpfs", options, envelope.parent, function, *arguments)


def take_and_tell(record: Record, root: Path, envelope: Path) -> tuple[Outcome, dict[str, bytes], list[str]]:
    return take(record, root, envelope), staged(envelope), names_in(root)


def test_take_over_mounts_copies_and_removes_the_original(root: Path, envelope: Path) -> None:
    drop(root)
    outcome, files, left = on_another_mount(take_and_tell, envelope, intent(root), root, envelope)
    assert outcome == Taken("copied", 2, SIZE, source_left=False)
    assert (files, left) == (WHOLE, [])


def test_take_over_mounts_never_copies_what_is_no_file(root: Path, envelope: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    folder = drop(root)
    (folder / "link.csv").symlink_to(tmp_path / "secret")
    os.mkfifo(folder / "pipe.csv")
    outcome, files, left = on_another_mount(take_and_tell, envelope, intent(root), root, envelope)
    assert outcome == Taken("copied", 2, SIZE, source_left=False)
    assert (files, left) == (WHOLE, [])
    assert (tmp_path / "secret").read_bytes() == b"secret"


def take_full_then_roomy(record: Record, root: Path, envelope: Path) -> tuple[str, list[str], Outcome, int]:
    try:
        first = str(take(record, root, envelope))
    except OSError as error:
        first = errno.errorcode[error.errno or 0]
    left = names_in(root / EPOCH)
    subprocess.run(["mount", "-o", "remount,size=8m", str(envelope.parent)], check=True)
    return first, left, take(record, root, envelope), len(staged(envelope)["students.csv"])


def test_take_onto_a_full_disk_loses_nothing_and_goes_on_when_there_is_room(root: Path, envelope: Path) -> None:
    drop(root, files={"students.csv": b"x" * 300_000})
    first, left, then, size = on_another_mount(
        take_full_then_roomy, envelope, intent(root), root, envelope, options="size=128k"
    )
    assert (first, left) == ("ENOSPC", ["COMPLETE", "students.csv"])
    assert then == Taken("copied", 1, 300_000, source_left=False)
    assert size == 300_000


def take_after_a_cut(record: Record, root: Path, envelope: Path, stage: str) -> tuple[Outcome, dict[str, bytes]]:
    """The claim as it finds what a crash left on the other mount."""
    place = envelope / ("files" if stage == "whole" else "files.partial")
    place.mkdir(parents=True)
    for name, content in WHOLE.items():
        (place / name).write_bytes(content if stage == "whole" else content[:3])
    if stage == "half removed":
        place.rename(envelope / "files")
        for name, content in WHOLE.items():
            (envelope / "files" / name).write_bytes(content)
        (root / EPOCH / "students.csv").unlink()
    return take(record, root, envelope), staged(envelope)


@pytest.mark.parametrize("stage", ["partial", "whole", "half removed"])
def test_take_goes_on_from_every_stage_of_a_copy(root: Path, envelope: Path, stage: str) -> None:
    drop(root)
    outcome, files = on_another_mount(take_after_a_cut, envelope, intent(root), root, envelope, stage)
    assert outcome == Taken("copied", 2, SIZE, source_left=False)
    assert files == WHOLE
    assert names_in(root) == []


# the source changes while it is copied


def take_with_a_change(
    record: Record, root: Path, envelope: Path, change: Callable[[Path], None]
) -> tuple[Outcome, Outcome, list[str]]:
    """The claim while the sender changes a file behind the copy; then once more; and what lies in the envelope."""
    real = fsops.copy_file

    def copy(name: str, source: int, *arguments: Any, **options: Any) -> None:
        real(name, source, *arguments, **options)
        if name == "students.csv":
            change(root / EPOCH)

    fsops.copy_file = copy  # only in this child
    first = take(record, root, envelope)
    fsops.copy_file = real
    return first, take(record, root, envelope), names_in(envelope)


def write_into_a_copied_file(folder: Path) -> None:
    (folder / "guardians.csv").write_bytes(b"other")


def add_a_file(folder: Path) -> None:
    (folder / "more.csv").touch()


def remove_the_epoch(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()


@pytest.mark.parametrize("change", [write_into_a_copied_file, add_a_file, remove_the_epoch])
def test_take_copy_of_a_changing_epoch_is_thrown_away(
    root: Path, envelope: Path, change: Callable[[Path], None]
) -> None:
    wait_for_tick(drop(root))
    first, then, left = on_another_mount(take_with_a_change, envelope, intent(root), root, envelope, change)
    assert first == NotYet("it changed while it was copied")
    assert isinstance(then, Gone)
    assert left == []


# loose files over mounts


def test_gather_over_mounts_copies_each_and_removes_the_originals(root: Path, envelope: Path) -> None:
    (root / "students_auto.csv").write_bytes(STUDENTS)
    (root / "guardians_auto.csv").write_bytes(FILES["guardians.csv"])
    outcome, files, left = on_another_mount(take_and_tell, envelope, gather_intent(root), root, envelope)
    assert outcome == Taken("gathered", 2, SIZE, source_left=False)
    assert (files, left) == (WHOLE, [])


def gather_twice(record: Record, root: Path, envelope: Path) -> tuple[Outcome, list[str]]:
    """The first try was cut off in the middle of a copy: a piece under the name of copying, one file there whole."""
    partial = envelope / "files.partial"
    partial.mkdir(parents=True)
    (partial / ".copying").write_bytes(STUDENTS[:4])
    (partial / "guardians.csv").write_bytes(FILES["guardians.csv"])
    outcome = take(record, root, envelope)
    assert staged(envelope) == WHOLE
    return outcome, names_in(root)


def test_gather_over_mounts_goes_on_after_a_cut(root: Path, envelope: Path) -> None:
    (root / "students_auto.csv").write_bytes(STUDENTS)
    (root / "guardians_auto.csv").write_bytes(FILES["guardians.csv"])
    outcome, left = on_another_mount(gather_twice, envelope, gather_intent(root), root, envelope)
    assert (outcome, left) == (Taken("gathered", 2, SIZE, source_left=False), [])


def test_gather_from_a_sticky_root_copies_and_tells_what_is_left(foreign: Path) -> None:
    foreign.chmod(0o1777)
    (foreign / "students_auto.csv").write_bytes(STUDENTS)
    os.chown(foreign / "students_auto.csv", SENDER, SENDER)
    envelope = foreign.parent / "work" / "gathered"
    outcome = as_user(SERVICE, take, gather_intent(foreign), foreign, envelope)
    assert outcome == Taken("gathered", 1, len(STUDENTS), source_left=True)
    assert staged(envelope) == {"students.csv": STUDENTS, MARKER: b""}
    assert (foreign / "students_auto.csv").exists()


def test_gather_of_an_unreadable_file_that_must_be_copied_waits(foreign: Path) -> None:
    foreign.chmod(0o1777)
    (foreign / "students_auto.csv").write_bytes(STUDENTS)
    (foreign / "students_auto.csv").chmod(0o600)
    os.chown(foreign / "students_auto.csv", SENDER, SENDER)
    envelope = foreign.parent / "work" / "gathered"
    outcome = as_user(SERVICE, take, gather_intent(foreign), foreign, envelope)
    assert outcome == NotYet("students_auto.csv can't be read: Permission denied")
    assert not (envelope / "files").exists()
