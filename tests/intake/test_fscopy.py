"""A copy is as long as the file was, takes no more disk than it, and leaves nothing behind when it fails."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.intake.children import with_mount
from tests.intake.drops import names_in
from tests.needs import needs
from watcher import fsops

MEGABYTE = 1024 * 1024


@pytest.fixture
def at(tmp_path: Path) -> Iterator[int]:
    with fsops.open_root(tmp_path) as fd:
        yield fd


def holey(path: Path, size_bytes: int = 64 * MEGABYTE) -> dict[int, bytes]:
    """A file of that size with two blocks of data, holes between and behind them; the blocks by their offset."""
    blocks = {0: b"begin" * 1000, 33 * MEGABYTE: b"middle" * 1000}
    with path.open("wb") as file:
        for offset, block in blocks.items():
            file.seek(offset)
            file.write(block)
        file.truncate(size_bytes)
    return blocks


def refuse(monkeypatch: pytest.MonkeyPatch, name: str, code: int) -> None:
    def refused(*_: object) -> int:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, name, refused)


# holes


@pytest.mark.parametrize("refused", [(), ("copy_file_range",), ("copy_file_range", "lseek")])
def test_copy_file_keeps_holes(
    at: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: tuple[str, ...]
) -> None:
    """4 kB may claim to be a terabyte; written out it would fill the disk that the journal lies on."""
    blocks = holey(tmp_path / "file")
    for name in refused:
        refuse(monkeypatch, name, errno.EXDEV if name == "copy_file_range" else errno.EINVAL)
    fsops.copy_file("file", at, "new", at)
    assert (tmp_path / "new").stat().st_blocks * 512 < 4 * MEGABYTE
    assert (tmp_path / "new").read_bytes() == (tmp_path / "file").read_bytes()
    content = (tmp_path / "new").read_bytes()
    assert all(content[offset:].startswith(block) for offset, block in blocks.items())


@pytest.mark.parametrize("size_bytes", [0, 1, MEGABYTE])
def test_copy_file_that_is_one_hole_is_one_hole(at: int, tmp_path: Path, size_bytes: int) -> None:
    (tmp_path / "file").touch()
    os.truncate(tmp_path / "file", size_bytes)
    fsops.copy_file("file", at, "new", at)
    assert (tmp_path / "new").stat().st_size == size_bytes
    assert (tmp_path / "new").stat().st_blocks == 0


@pytest.mark.parametrize("refused", [False, True])
def test_copy_file_whose_end_is_in_a_block_is_whole(
    at: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, refused: bool
) -> None:
    content = os.urandom(9 * MEGABYTE + 17)
    (tmp_path / "file").write_bytes(content)
    if refused:
        refuse(monkeypatch, "copy_file_range", errno.EXDEV)
    fsops.copy_file("file", at, "new", at)
    assert (tmp_path / "new").read_bytes() == content


# a file that somebody writes


def meanwhile(monkeypatch: pytest.MonkeyPatch, path: Path, size_bytes: tuple[int, ...]) -> None:
    """Before each piece is copied, the file gets the next of these sizes."""
    real, sizes = os.copy_file_range, iter(size_bytes)

    def copy(*arguments: Any) -> int:
        if (size := next(sizes, None)) is not None:
            os.truncate(path, size)
        return real(*arguments)

    monkeypatch.setattr(os, "copy_file_range", copy)


def test_copy_file_that_grows_ends_where_it_ended_at_first(
    at: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(b"x" * MEGABYTE)
    meanwhile(monkeypatch, tmp_path / "file", tuple(range(2 * MEGABYTE, 9 * MEGABYTE, MEGABYTE)))
    fsops.copy_file("file", at, "new", at, may_change=True)
    assert (tmp_path / "new").read_bytes() == b"x" * MEGABYTE


def test_copy_file_that_is_cut_off_meanwhile_has_no_tail_of_zeros(
    at: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(b"x" * MEGABYTE)
    meanwhile(monkeypatch, tmp_path / "file", (1000,))
    fsops.copy_file("file", at, "new", at, may_change=True)
    assert (tmp_path / "new").read_bytes() == b"x" * 1000


# a copy that fails


def copy_onto(folder: Path, target: Path) -> tuple[str, list[str]]:
    code = ""
    with fsops.open_root(folder) as source, fsops.open_root(target) as writing:
        try:
            fsops.copy_file("file", source, "new", writing)
        except OSError as error:
            code = errno.errorcode[error.errno or 0]
    return code, names_in(target)


@needs("mount", "unshare", root=True)
def test_copy_file_onto_a_full_disk_leaves_no_part(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x" * MEGABYTE)
    (tmp_path / "full").mkdir()
    assert with_mount("tmpfs", "size=128k", tmp_path / "full", copy_onto, tmp_path, tmp_path / "full") == ("ENOSPC", [])


def test_copy_file_that_changed_meanwhile_leaves_no_part(
    at: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(b"x" * MEGABYTE)
    meanwhile(monkeypatch, tmp_path / "file", (1000,))
    with pytest.raises(OSError, match="changed while it was copied"):
        fsops.copy_file("file", at, "new", at)
    assert names_in(tmp_path) == ["file"]
