"""How long things have stood still, by our clock and the kernel's word, never by the sender's clock."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.intake.children import SENDER, as_user, held_open
from tests.intake.drops import EPOCH, STUDENTS, drop, wait_for_tick
from tests.needs import needs
from watcher.intake.scanner import scan
from watcher.intake.settle import Sighting, ask_for_writers, observe
from watcher.model.facts import LeaseLevel, RootFacts

signal.signal(signal.SIGIO, signal.SIG_IGN)  # as the service does before it takes its first lease


@dataclass
class Looks:
    """Looks at one root, one after the other, each at the second given."""

    root: Path
    sightings: Mapping[str, Sighting] = field(default_factory=dict)

    def at(self, second: float) -> RootFacts:
        facts, self.sightings = observe(scan("lakeview", self.root), self.sightings, second)
        return facts

    def still(self, second: float) -> float:
        """The seconds that the first epoch in the root has stood still."""
        return self.at(second).epochs[0].still.seconds


@pytest.fixture
def looks(root: Path) -> Looks:
    return Looks(root)


# standing still


def test_observe_first_look_knows_of_no_stillness_however_old_the_file(looks: Looks) -> None:
    os.utime(drop(looks.root) / "students.csv", ns=(0, 0))
    assert looks.still(5000.0) == 0.0


def test_observe_counts_from_the_first_look_at_this_very_state(looks: Looks) -> None:
    drop(looks.root)
    assert [looks.still(second) for second in (100.0, 104.0, 110.5)] == [0.0, 4.0, 10.5]


def append(folder: Path) -> None:
    with (folder / "students.csv").open("ab") as file:
        file.write(b"100235,Noah\n")


def rewrite_with_mtime_restored(folder: Path) -> None:
    """Same inode, same size, same mtime: only ctime tells."""
    path = folder / "students.csv"
    before = path.stat()
    path.write_bytes(STUDENTS.replace(b"Maria", b"Julia"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)


def replace_by_another_inode(folder: Path) -> None:
    path, other = folder / "students.csv", folder / "new"
    before = path.stat()
    other.write_bytes(STUDENTS)
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    other.replace(path)


def rename(folder: Path) -> None:
    (folder / "students.csv").rename(folder / "pupils.csv")


def add(folder: Path) -> None:
    (folder / "more.csv").touch()


def remove(folder: Path) -> None:
    (folder / "guardians.csv").unlink()


def replace_whole_epoch(folder: Path) -> None:
    folder.rename(folder.with_name("old"))
    folder.mkdir()
    for path in folder.with_name("old").iterdir():
        path.rename(folder / path.name)


@pytest.mark.parametrize(
    "change",
    [append, rewrite_with_mtime_restored, replace_by_another_inode, rename, add, remove, replace_whole_epoch],
)
def test_observe_any_change_begins_anew(looks: Looks, change: Callable[[Path], None]) -> None:
    folder = drop(looks.root)
    looks.at(0.0)
    assert looks.still(50.0) == 50.0
    wait_for_tick(folder)
    change(folder)
    assert looks.still(60.0) == 0.0
    assert looks.still(63.0) == 3.0


def test_observe_mode_change_alone_begins_anew(looks: Looks) -> None:
    """It moves ctime; a sender that still does something has not finished."""
    folder = drop(looks.root)
    looks.at(0.0)
    wait_for_tick(folder)
    (folder / "students.csv").chmod(0o640)
    assert looks.still(10.0) == 0.0


def test_observe_change_and_back_between_looks_is_seen(looks: Looks) -> None:
    path = drop(looks.root) / "students.csv"
    looks.at(0.0)
    wait_for_tick(path.parent)
    path.write_bytes(b"")
    path.write_bytes(STUDENTS)
    assert looks.still(20.0) == 0.0


def test_observe_things_stand_still_each_for_itself(looks: Looks) -> None:
    drop(looks.root)
    (looks.root / "a_auto.csv").write_bytes(b"a")
    looks.at(0.0)
    wait_for_tick(looks.root)
    (looks.root / "a_auto.csv").write_bytes(b"b")
    facts = looks.at(30.0)
    assert (facts.epochs[0].still.seconds, facts.loose[0].still.seconds) == (30.0, 0.0)


def test_observe_forgets_what_is_gone(looks: Looks) -> None:
    """A name that comes back is new, even as the same inode with nothing changed but ctime; and memory is bounded."""
    drop(looks.root)
    looks.at(0.0)
    (looks.root / EPOCH).rename(looks.root.parent / "aside")
    looks.at(10.0)
    assert looks.sightings == {}
    (looks.root.parent / "aside").rename(looks.root / EPOCH)
    assert looks.still(20.0) == 0.0


def test_observe_asks_no_clock_of_the_sender(looks: Looks) -> None:
    """mtimes in the future or the past change nothing: spooldir skips files from the future, we don't."""
    folder = drop(looks.root)
    os.utime(folder / "students.csv", ns=(2**62, 2**62))
    looks.at(0.0)
    assert looks.still(10.0) == 10.0


# open writers


def asked(root: Path, *, still: float = 100.0, settle: float = 10.0, gather: float = 120.0) -> RootFacts:
    looks = Looks(root)
    looks.at(0.0)
    return ask_for_writers(looks.at(still), root, settle_seconds=settle, gather_settle_seconds=gather)


def test_ask_for_writers_nobody_writes(root: Path) -> None:
    drop(root)
    facts = asked(root)
    assert (facts.epochs[0].still.writers, facts.lease) == ((), LeaseLevel.GRANTED)


def test_ask_for_writers_sees_a_writer_in_another_process(root: Path) -> None:
    folder = drop(root)
    with held_open(folder / "students.csv"):
        assert asked(root).epochs[0].still.writers == ("students.csv",)
    assert asked(root).epochs[0].still.writers == ()


def test_ask_for_writers_sees_a_shared_map_whose_descriptor_is_closed(root: Path) -> None:
    folder = drop(root)
    with held_open(folder / "students.csv", "map"):
        assert asked(root).epochs[0].still.writers == ("students.csv",)


def test_ask_for_writers_a_reader_is_no_writer(root: Path) -> None:
    folder = drop(root)
    with held_open(folder / "students.csv", "read"):
        assert asked(root).epochs[0].still.writers == ()


def test_ask_for_writers_sees_the_writer_of_a_loose_file(root: Path) -> None:
    (root / "students_auto.csv").write_bytes(STUDENTS)
    with held_open(root / "students_auto.csv"):
        assert asked(root, gather=50.0).loose[0].still.writers == ("students_auto.csv",)


def test_ask_for_writers_leaves_alone_what_has_not_settled(root: Path) -> None:
    """Asking takes a lease for an instant; nobody who still uploads is bothered by it."""
    folder = drop(root)
    (root / "students_auto.csv").write_bytes(STUDENTS)
    with held_open(folder / "students.csv"), held_open(root / "students_auto.csv"):
        facts = asked(root, still=9.9)
    assert facts.epochs[0].still.writers == facts.loose[0].still.writers == ()
    assert facts.lease is LeaseLevel.UNKNOWN


def test_ask_for_writers_leaves_alone_an_epoch_without_its_marker(root: Path) -> None:
    drop(root, marker=False)
    assert asked(root).lease is LeaseLevel.UNKNOWN


def test_ask_for_writers_never_waits_for_a_fifo_or_follows_a_link(root: Path) -> None:
    folder = drop(root)
    os.mkfifo(folder / "pipe.csv")
    (folder / "link.csv").symlink_to("/etc/passwd")
    (root / "x_auto.csv").symlink_to("/etc/passwd")
    facts = asked(root)
    assert (facts.epochs[0].still.writers, facts.lease) == ((), LeaseLevel.GRANTED)


def test_ask_for_writers_of_a_drop_that_has_vanished_since_the_look(root: Path) -> None:
    folder = drop(root)
    looks = Looks(root)
    looks.at(0.0)
    facts = looks.at(100.0)
    folder.rename(root.parent / "aside")
    answered = ask_for_writers(facts, root, settle_seconds=10, gather_settle_seconds=120)
    assert (answered.epochs[0].still.writers, answered.lease) == ((), LeaseLevel.UNKNOWN)


@needs("mount", root=True)
def test_ask_for_writers_a_service_without_rights_gets_no_lease_on_strangers_files(open_folder: Path) -> None:
    """An unprivileged service over root's (any sender's) files: the level says that writers can't be seen."""
    folder = drop(open_folder)
    folder.chmod(0o755)
    with held_open(folder / "students.csv"):
        facts = as_user(SENDER, asked, open_folder)
    assert (facts.epochs[0].still.writers, facts.lease) == ((), LeaseLevel.REFUSED)


@needs("mount", root=True)
def test_ask_for_writers_its_own_files_can_be_asked_about_without_rights(open_folder: Path) -> None:
    folder = drop(open_folder)
    for path in (folder, *folder.iterdir()):
        os.chown(path, SENDER, SENDER)
    with held_open(folder / "students.csv"):
        facts = as_user(SENDER, asked, open_folder)
    assert (facts.epochs[0].still.writers, facts.lease) == (("students.csv",), LeaseLevel.GRANTED)
