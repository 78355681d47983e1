"""One look at a root: every kind of entry, whatever it is called, whatever happens meanwhile."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.intake.children import SENDER, as_user
from tests.intake.drops import EPOCH, drop, epoch_of, loose_of, scanned
from tests.needs import needs
from watcher.intake import scanner
from watcher.intake.scanner import read_epoch, scan
from watcher.model.deliveries import NameRule, NameRules
from watcher.model.facts import Kind, RootFacts

HOSTILE = [
    "new\nline",
    "{x}",
    "[bold]<b>",
    "\x1b[31mred",
    "caf\udce9.csv",
    "..hidden",
    "-rf",
    "a\rb",
    "$(id)",
    "\u202etxt",
]


# kinds of entries


def test_scan_tells_every_kind_of_entry(root: Path) -> None:
    (root / "file").touch()
    (root / "directory").mkdir()
    (root / "link").symlink_to("/etc/passwd")
    os.mkfifo(root / "fifo")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(root / "socket"))
        kinds = {item.entry.name: item.entry.kind for item in scanned(root).loose}
    assert kinds == {
        "file": Kind.FILE,
        "directory": Kind.DIRECTORY,
        "link": Kind.SYMLINK,
        "fifo": Kind.FIFO,
        "socket": Kind.SOCKET,
    }


@needs("mount", root=True)
def test_scan_tells_a_device(root: Path) -> None:
    os.mknod(root / "null", 0o666 | 0o020000, os.makedev(1, 3))
    assert loose_of(root, "null").entry.kind is Kind.DEVICE


def test_scan_link_to_an_epoch_is_no_epoch(root: Path, tmp_path: Path) -> None:
    drop(tmp_path / "elsewhere")
    (root / EPOCH).symlink_to(tmp_path / "elsewhere" / EPOCH)
    facts = scanned(root)
    assert facts.epochs == ()
    assert [item.entry.kind for item in facts.loose] == [Kind.SYMLINK]


def test_scan_file_called_like_an_epoch_is_loose(root: Path) -> None:
    (root / EPOCH).touch()
    facts = scanned(root)
    assert (facts.epochs, [item.target for item in facts.loose]) == ((), [None])


def test_scan_only_regular_files_are_gathered(root: Path) -> None:
    (root / "a_auto.csv").touch()
    (root / "b_auto.csv").symlink_to("a_auto.csv")
    (root / "c_auto.csv").mkdir()
    os.mkfifo(root / "d_auto.csv")
    assert {item.entry.name: item.target for item in scanned(root).loose} == {
        "a_auto.csv": "a.csv",
        "b_auto.csv": None,
        "c_auto.csv": None,
        "d_auto.csv": None,
    }


def test_scan_our_results_folder_is_not_a_senders_entry(root: Path) -> None:
    (root / "results").mkdir()
    assert (scanned(root).epochs, scanned(root).loose) == ((), ())


def test_scan_way_to_results_changes_with_names_and_rights_and_not_with_what_is_written(root: Path) -> None:
    ways = [scanned(root).way_to_results]
    (root / "results").touch()
    ways.append(scanned(root).way_to_results)
    (root / "results").unlink()
    (root / "results").mkdir(0o500)
    ways.append(scanned(root).way_to_results)
    (root / "results").chmod(0o700)
    ways.append(scanned(root).way_to_results)
    root.chmod(0o711)
    ways.append(scanned(root).way_to_results)
    assert len(set(ways)) == 5
    (root / "results" / "report.txt").touch()
    assert scanned(root).way_to_results == ways[-1]


def test_scan_sees_links_and_sizes(root: Path) -> None:
    (root / "one").write_bytes(b"12345")
    os.link(root / "one", root / "two")
    entry = loose_of(root, "two").entry
    assert (entry.size_bytes, entry.links, entry.inode) == (5, 2, (root / "one").stat().st_ino)


def test_scan_root_may_be_reached_through_a_link(root: Path, tmp_path: Path) -> None:
    """The root's own path is the operator's."""
    drop(root)
    (tmp_path / "link").symlink_to(root)
    assert [epoch.name for epoch in scanned(tmp_path / "link").epochs] == [EPOCH]


# epochs


def test_scan_epoch_has_its_entries_by_name_and_its_newest_change(root: Path) -> None:
    folder = drop(root)
    epoch = epoch_of(root)
    assert [entry.name for entry in epoch.entries] == ["COMPLETE", "guardians.csv", "students.csv"]
    assert epoch.has_marker
    assert epoch.changed_ns == max(path.stat().st_ctime_ns for path in (folder, *folder.iterdir()))


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo, lambda path: path.symlink_to("students.csv")])
def test_scan_marker_must_be_a_file(root: Path, make: object) -> None:
    folder = drop(root, marker=False)
    make(folder / "COMPLETE")  # type: ignore[operator]
    assert not epoch_of(root).has_marker


def test_scan_marker_may_hold_something(root: Path) -> None:
    (drop(root) / "COMPLETE").write_text("2 files\n")
    assert epoch_of(root).has_marker


# hostile names


@pytest.mark.parametrize("name", HOSTILE)
def test_scan_takes_names_as_they_are(root: Path, name: str) -> None:
    folder = drop(root, files={name: b"x"})
    (root / name).write_bytes(b"y")
    assert name in epoch_of(root).names
    assert loose_of(root, name).entry.size_bytes == 1
    assert (folder / name).read_bytes() == b"x"


# changes during the look


def test_scan_entry_that_vanishes_meanwhile_is_left_out(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drop(root)
    (root / "gone_auto.csv").touch()
    (root / "stays_auto.csv").touch()
    real = os.lstat

    def lstat(name: str, **where: int) -> os.stat_result:
        if name == "gone_auto.csv":
            (root / name).unlink(missing_ok=True)
        return real(name, **where)

    monkeypatch.setattr(os, "lstat", lstat)
    facts = scanned(root)
    assert [item.entry.name for item in facts.loose] == ["stays_auto.csv"]
    assert [epoch.name for epoch in facts.epochs] == [EPOCH]


def test_scan_epoch_that_vanishes_meanwhile_is_left_out(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drop(root)
    drop(root, "20260902-020000")
    real = scanner.read_epoch

    def read(name: str, at: int) -> object:
        if name == EPOCH:
            shutil.rmtree(root / name)
        return real(name, at)

    monkeypatch.setattr(scanner, "read_epoch", read)
    assert [epoch.name for epoch in scanned(root).epochs] == ["20260902-020000"]


def test_scan_epoch_replaced_by_a_link_meanwhile_is_not_followed(root: Path, tmp_path: Path) -> None:
    drop(tmp_path / "elsewhere")
    (root / EPOCH).symlink_to(tmp_path / "elsewhere" / EPOCH)
    fd = os.open(root, os.O_RDONLY)
    try:
        epoch = read_epoch(EPOCH, fd)
    finally:
        os.close(fd)
    assert epoch is not None
    assert epoch.problem.startswith("can't be listed")
    assert epoch.entries == ()


# what can't be read


@pytest.mark.parametrize("kind", ["missing", "file"])
def test_scan_root_that_is_no_directory_is_a_problem_not_an_exception(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "upload"
    if kind == "file":
        path.touch()
    reason = {"missing": "No such file or directory", "file": "Not a directory"}[kind]
    assert scan("lakeview", path) == RootFacts("lakeview", problem=f"{path}: {reason}")


@needs("mount", root=True)
def test_scan_unreadable_epoch_is_a_problem_of_that_epoch_alone(open_folder: Path) -> None:
    drop(open_folder, "20260902-020000").chmod(0o755)
    drop(open_folder).chmod(0o700)
    facts = as_user(SENDER, scan, "lakeview", open_folder)
    assert {epoch.name: epoch.problem for epoch in facts.epochs} == {
        EPOCH: "can't be listed: Permission denied",
        "20260902-020000": "",
    }
    assert facts.epochs[0].inode == (open_folder / EPOCH).stat().st_ino


@needs("mount", root=True)
def test_scan_unreadable_root_is_a_problem(open_folder: Path) -> None:
    drop(open_folder)
    open_folder.chmod(0o700)
    facts = as_user(SENDER, scan, "lakeview", open_folder)
    assert facts.problem == f"{open_folder}: Permission denied"
    assert facts.epochs == ()


@needs("mount", root=True)
def test_scan_unreadable_file_is_seen_all_the_same(open_folder: Path) -> None:
    """A look opens no file: one that can't be read is there, and has a size."""
    folder = drop(open_folder)
    folder.chmod(0o755)
    (folder / "students.csv").chmod(0)
    facts = as_user(SENDER, scan, "lakeview", open_folder)
    assert "students.csv" in facts.epochs[0].names
    assert not facts.epochs[0].problem


# sizes


@pytest.fixture
def crowded(root: Path) -> Iterator[Path]:
    folder = drop(root, marker=True, files={})
    fd = os.open(folder, os.O_RDONLY)
    for number in range(scanner.MAX_ENTRIES + 10):
        os.link("COMPLETE", f"{number:06}.csv", src_dir_fd=fd, dst_dir_fd=fd)  # links are made faster than files
    os.close(fd)
    yield root
    shutil.rmtree(folder)


def test_scan_looks_at_no_more_entries_than_the_bound(crowded: Path) -> None:
    assert len(epoch_of(crowded).entries) == scanner.MAX_ENTRIES


def test_scan_of_an_empty_root_finds_nothing(root: Path) -> None:
    facts = scanned(root)
    assert (facts.epochs, facts.loose, facts.problem) == ((), (), "")


def test_scan_of_a_root_that_must_not_be_a_link_reads_none(tmp_path: Path) -> None:
    (tmp_path / "others").mkdir()
    (tmp_path / "users").symlink_to("others")
    assert scan("north", tmp_path / "users").problem == ""
    assert scan("north", tmp_path / "users", may_be_link=False).problem == f"{tmp_path}/users: Not a directory"
    assert scan("north", tmp_path / "others", may_be_link=False).problem == ""


def test_scan_tells_loose_files_by_the_rules(tmp_path: Path) -> None:
    rules = NameRules((NameRule("students{date}.txt", "students.csv"),))
    for name in ("students20260901.txt", "students.csv", "guardians_auto.csv"):
        (tmp_path / name).touch()
    (tmp_path / "students20260902.txt").mkdir()
    found = {item.entry.name: (item.target, item.stamp) for item in scan("north", tmp_path, rules).loose}
    assert found == {
        "students20260901.txt": ("students.csv", "20260901"),
        "students20260902.txt": (None, ""),
        "students.csv": (None, ""),
        "guardians_auto.csv": ("guardians.csv", ""),
    }
