"""A tree is removed however deep it is, with few descriptors, and never beyond its links."""

from __future__ import annotations

import os
import resource
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.intake.children import SENDER, SERVICE, as_user
from tests.intake.drops import names_in
from tests.needs import needs
from watcher import fsops

DEPTH = 1500


def nest(folder: Path, depth: int = DEPTH) -> None:
    """Directories in one another, each with a file beside the next."""
    fd = os.open(folder, os.O_RDONLY)
    for _ in range(depth):
        os.close(os.open("file", os.O_CREAT | os.O_WRONLY, dir_fd=fd))
        os.mkdir("a", dir_fd=fd)
        inner = os.open("a", os.O_RDONLY, dir_fd=fd)
        os.close(fd)
        fd = inner
    os.close(fd)


@pytest.fixture
def deep(tmp_path: Path) -> Iterator[Path]:
    """Where a deep tree may lie; pytest itself can't remove one that is left."""
    yield tmp_path
    subprocess.run(["rm", "-rf", str(tmp_path / "tree")], check=True)


def removed(folder: Path, name: str = "tree") -> bool:
    with fsops.open_root(folder) as fd:
        return fsops.remove_tree(name, fd)


def test_remove_tree_of_any_depth(deep: Path) -> None:
    """shutil.rmtree ends in a RecursionError after a thousand levels: at every look."""
    (deep / "tree").mkdir()
    nest(deep / "tree")
    assert removed(deep)
    assert names_in(deep) == []


def test_remove_tree_needs_few_descriptors(deep: Path) -> None:
    (deep / "tree").mkdir()
    nest(deep / "tree", 50)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(map(int, os.listdir("/proc/self/fd"))) + 8, hard))
    try:
        assert removed(deep)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_remove_tree_with_branches_links_and_odd_names(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "precious").touch()
    for branch in ("a/b/c", "a/b/d/e", "a/a/a", "new\nline/b", "caf\udce9/b"):
        (tmp_path / "tree" / branch).mkdir(parents=True)
        (tmp_path / "tree" / branch / "file").touch()
        (tmp_path / "tree" / branch / "out").symlink_to(tmp_path / "kept")
    os.mkfifo(tmp_path / "tree" / "a" / "pipe")
    assert removed(tmp_path)
    assert names_in(tmp_path) == ["kept"]
    assert names_in(tmp_path / "kept") == ["precious"]


def test_remove_tree_that_is_not_there_is_gone(tmp_path: Path) -> None:
    assert removed(tmp_path)


@needs(root=True)
def test_remove_tree_says_what_is_not_ours_to_remove(open_folder: Path) -> None:
    (open_folder / "tree" / "theirs").mkdir(parents=True)
    (open_folder / "tree" / "theirs" / "file").touch()
    os.chown(open_folder, SERVICE, SERVICE)
    os.chown(open_folder / "tree", SERVICE, SERVICE)
    os.chown(open_folder / "tree" / "theirs", SENDER, SENDER)
    assert not as_user(SERVICE, removed, open_folder)
    assert names_in(open_folder / "tree" / "theirs") == ["file"]
