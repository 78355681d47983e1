"""The operations on a hostile directory, each by itself: no link is followed, nothing is waited for or overwritten."""

from __future__ import annotations

import errno
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.intake.children import held_open
from watcher import fsops
from watcher.fsops import Writer

signal.signal(signal.SIGIO, signal.SIG_IGN)  # as the service does before it takes its first lease


@pytest.fixture
def at(root: Path) -> Iterator[int]:
    """A descriptor of the root, in which `file` holds `content`, `link` leads to it, `pipe` is a FIFO."""
    (root / "file").write_bytes(b"content")
    (root / "link").symlink_to("file")
    (root / "directory").mkdir()
    (root / "door").symlink_to("directory")
    os.mkfifo(root / "pipe")
    fd = os.open(root, os.O_RDONLY)
    yield fd
    os.close(fd)


def code_of(act: Callable[[], object]) -> str:
    with pytest.raises(OSError) as caught:
        act()
    return errno.errorcode[caught.value.errno or 0]


def read(name: str, at: int) -> bytes:
    with fsops.open_regular(name, at) as fd:
        return os.read(fd, 100)


def test_open_regular_opens_nothing_but_a_file_and_waits_for_nobody(at: int) -> None:
    """Also where a link took the file's place since it was listed."""
    assert read("file", at) == b"content"
    assert code_of(lambda: read("link", at)) == "ELOOP"
    assert code_of(lambda: read("pipe", at)) == "EINVAL"
    assert code_of(lambda: read("directory", at)) == "EINVAL"
    assert code_of(lambda: read("gone", at)) == "ENOENT"


def test_copy_file_never_follows_nor_overwrites(at: int, root: Path) -> None:
    assert code_of(lambda: fsops.copy_file("link", at, "new", at)) == "ELOOP"
    assert code_of(lambda: fsops.copy_file("pipe", at, "new", at)) == "EINVAL"
    assert code_of(lambda: fsops.copy_file("file", at, "link", at)) == "EEXIST"
    assert not (root / "new").exists()
    fsops.copy_file("file", at, "new", at)
    assert (root / "new").read_bytes() == b"content"
    assert (root / "new").stat().st_mtime_ns == (root / "file").stat().st_mtime_ns


def test_copy_file_that_changes_meanwhile_is_refused_unless_it_may(
    at: int, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.fsync

    def sync(fd: int) -> None:  # what comes after the content
        real(fd)
        with (root / "file").open("ab") as file:
            file.write(b" and more")

    monkeypatch.setattr(os, "fsync", sync)
    assert code_of(lambda: fsops.copy_file("file", at, "new", at)) == "EBUSY"
    fsops.copy_file("file", at, "newer", at, may_change=True)
    assert (root / "newer").read_bytes().startswith(b"content")


def test_copy_file_without_the_kernels_help_gives_the_same(
    at: int, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> int:
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))

    content = os.urandom(9_000_000)
    (root / "large").write_bytes(content)
    monkeypatch.setattr(os, "copy_file_range", refused)
    fsops.copy_file("large", at, "new", at)
    assert (root / "new").read_bytes() == content


@pytest.mark.parametrize("plain", [False, True])
def test_move_never_replaces_anything(at: int, root: Path, monkeypatch: pytest.MonkeyPatch, *, plain: bool) -> None:
    """With the kernel's flag, and by looking first where a file system (NFS) has no such flag."""
    if plain:
        monkeypatch.setattr(fsops, "_RENAME_NOREPLACE", 1 << 20)  # a flag that no kernel knows: EINVAL
    for taken in ("link", "pipe", "directory"):
        assert code_of(lambda taken=taken: fsops.move("file", at, taken, at)) == "EEXIST"  # type: ignore[misc]
    fsops.move("file", at, "new", at)
    assert (root / "new").read_bytes() == b"content"
    assert not (root / "file").exists()
    assert code_of(lambda: fsops.move("file", at, "newer", at)) == "ENOENT"


def test_move_moves_a_link_and_not_what_it_leads_to(at: int, root: Path) -> None:
    fsops.move("door", at, "elsewhere", at)
    assert os.readlink(root / "elsewhere") == "directory"
    assert (root / "directory").is_dir()


def test_open_directory_never_goes_through_a_link(at: int) -> None:
    for name in ("door", "file", "pipe"):
        with pytest.raises(OSError, match=r"Not a directory|Too many levels"), fsops.open_directory(name, at):
            pass


def test_remove_tree_removes_links_and_never_what_they_lead_to(at: int, root: Path) -> None:
    (root / "tree").mkdir()
    (root / "tree" / "out").symlink_to(root / "directory")
    (root / "directory" / "precious").touch()
    assert fsops.remove_tree("tree", at)
    assert fsops.remove_tree("tree", at)
    assert (root / "directory" / "precious").exists()
    assert not fsops.remove_tree("door", at)
    assert (root / "directory" / "precious").exists()


def test_exists_sees_a_dangling_link(at: int, root: Path) -> None:
    (root / "dangling").symlink_to("nowhere")
    assert [fsops.exists(name, at) for name in ("dangling", "pipe", "gone")] == [True, True, False]


def test_writer_of_tells_who_writes(at: int, root: Path) -> None:
    assert fsops.writer_of("file", at) is Writer.NONE
    with held_open(root / "file"):
        assert fsops.writer_of("file", at) is Writer.OPEN
    assert fsops.writer_of("link", at) is Writer.UNKNOWN
    assert fsops.writer_of("pipe", at) is Writer.UNKNOWN


def test_write_file_that_fails_leaves_the_old_one_and_no_piece(
    at: int, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    before = sorted(os.listdir(root))
    monkeypatch.setattr(os, "write", full)
    assert code_of(lambda: fsops.write_file("file", at, b"new")) == "ENOSPC"
    assert (root / "file").read_bytes() == b"content"
    assert sorted(os.listdir(root)) == before
