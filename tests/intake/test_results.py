"""Reports are put into a root that is anybody's: written whole, where they belong, or not at all."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.intake.children import SENDER, SERVICE, as_user, with_mount
from tests.intake.drops import names_in
from tests.needs import needs
from watcher.intake.results import put_results

REPORT = {"20260901-020000.txt": b"accepted\n", "20260901-020000.html": b"<html>"}
NAME = "20260901-020000.txt"


def test_put_results_makes_the_folder_and_the_files_for_the_sender_to_read(root: Path) -> None:
    old = os.umask(0o077)
    try:
        put_results(root, REPORT)
    finally:
        os.umask(old)
    assert {path.name: path.read_bytes() for path in (root / "results").iterdir()} == REPORT
    assert (root / "results").stat().st_mode & 0o777 == 0o755
    assert {path.stat().st_mode & 0o777 for path in (root / "results").iterdir()} == {0o644}


def test_put_results_again_replaces_the_report(root: Path) -> None:
    put_results(root, REPORT)
    put_results(root, {NAME: b"rejected\n"})
    assert (root / "results" / NAME).read_bytes() == b"rejected\n"
    assert names_in(root / "results") == sorted(REPORT)


def test_put_results_leaves_a_folder_that_was_there_as_it_is(root: Path) -> None:
    (root / "results").mkdir(mode=0o750)
    (root / "results" / "notes.txt").write_text("the sender's own")
    put_results(root, REPORT)
    assert (root / "results").stat().st_mode & 0o777 == 0o750
    assert (root / "results" / "notes.txt").read_text() == "the sender's own"


# a hostile root


def test_put_results_never_follows_a_folder_that_is_a_link(root: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (root / "results").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match=r"Not a directory|Too many levels"):
        put_results(root, REPORT)
    assert names_in(tmp_path / "elsewhere") == []


@pytest.mark.parametrize("make", [Path.touch, os.mkfifo])
def test_put_results_where_the_folder_is_something_else_is_refused(root: Path, make: Callable[[Path], None]) -> None:
    make(root / "results")
    with pytest.raises(NotADirectoryError):
        put_results(root, REPORT)
    assert not (root / "results").is_dir()


@pytest.mark.parametrize("way", [os.symlink, os.link])
def test_put_results_replaces_a_link_at_the_reports_name(
    root: Path, tmp_path: Path, way: Callable[[Path, Path], None]
) -> None:
    target = tmp_path / "precious"
    target.write_bytes(b"precious")
    (root / "results").mkdir()
    way(target, root / "results" / NAME)
    put_results(root, REPORT)
    assert target.read_bytes() == b"precious"
    assert (root / "results" / NAME).read_bytes() == REPORT[NAME]
    assert not (root / "results" / NAME).is_symlink()


def test_put_results_replaces_a_link_at_the_temporary_name(root: Path, tmp_path: Path) -> None:
    target = tmp_path / "precious"
    target.write_bytes(b"precious")
    (root / "results").mkdir()
    (root / "results" / f".{NAME}.{os.getpid()}.tmp").symlink_to(target)
    put_results(root, REPORT)
    assert target.read_bytes() == b"precious"
    assert (root / "results" / NAME).read_bytes() == REPORT[NAME]


def test_put_results_replaces_a_fifo_or_socket_without_waiting_for_it(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "results").mkdir()
    os.mkfifo(root / "results" / NAME)
    monkeypatch.chdir(root / "results")  # a socket's path must be short
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("20260901-020000.html")
        put_results(root, REPORT)
    assert {path.name: path.read_bytes() for path in (root / "results").iterdir()} == REPORT


def test_put_results_where_a_directory_has_the_reports_name_is_refused(root: Path) -> None:
    (root / "results" / NAME).mkdir(parents=True)
    with pytest.raises(IsADirectoryError):
        put_results(root, {NAME: b"x"})
    assert names_in(root / "results") == [NAME]


def test_put_results_that_can_not_replace_one_file_keeps_the_old_report(root: Path) -> None:
    put_results(root, {NAME: b"first\n"})
    (root / "results" / "20260901-020000.html").mkdir()
    with pytest.raises(IsADirectoryError):
        put_results(root, REPORT)
    assert (root / "results" / NAME).read_bytes() == b"first\n"


# no room, no rights


@needs("mount", root=True)
def test_put_results_into_a_folder_that_is_not_ours_to_write_is_refused(open_folder: Path) -> None:
    (open_folder / "results").mkdir()
    os.chown(open_folder / "results", SENDER, SENDER)
    with pytest.raises(AssertionError, match="PermissionError"):
        as_user(SERVICE, put_results, open_folder, REPORT)
    assert names_in(open_folder / "results") == []


def fill(path: Path) -> None:
    """Write until there is no room for another byte."""
    with contextlib.suppress(OSError), path.open("wb", buffering=0) as filler:
        while filler.write(b"x" * 4096):
            pass


def put_into_a_full_root(root: Path) -> tuple[str | None, list[str], bytes]:
    """The report that was there, room for nothing more: what is said, and what is there then."""
    put_results(root, {NAME: b"first\n"})
    fill(root / "filler")
    with pytest.raises(OSError, match="No space left") as caught:
        put_results(root, {NAME: b"y" * 100_000})
    return caught.value.strerror, names_in(root / "results"), (root / "results" / NAME).read_bytes()


@needs("mount", "unshare", root=True)
def test_put_results_into_a_full_root_keeps_the_old_report_whole(root: Path) -> None:
    said, names, content = with_mount("tmpfs", "size=64k", root, put_into_a_full_root, root)
    assert (said, names, content) == ("No space left on device", [NAME], b"first\n")


def put_a_page_that_finds_no_room(root: Path) -> list[str]:
    with pytest.raises(OSError, match="No space left"):
        put_results(root, {NAME: b"accepted\n", "20260901-020000.html": b"y" * 100_000})
    return names_in(root / "results")


@needs("mount", "unshare", root=True)
def test_put_results_of_which_a_part_finds_no_room_puts_none(root: Path) -> None:
    """A text without its page looked like a whole report."""
    assert with_mount("tmpfs", "size=64k", root, put_a_page_that_finds_no_room, root) == []
