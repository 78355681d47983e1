"""Idle roots are asked for one stat each; whatever may have changed is looked at in full."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.intake.drops import wait_for_tick
from watcher.service.sweep import Sweep, fingerprint

LATER = 3600.0


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "upload"
    folder.mkdir()
    (folder / "notes").touch()
    return folder


def changed(root: Path, before: tuple[int, ...] | None) -> list[str]:
    told: list[str] = []
    Sweep((("lakeview", root, before),)).run(told.append)
    return told


def test_sweep_says_nothing_of_a_root_that_is_as_it_was(root: Path) -> None:
    before = fingerprint(root, time.time() + LATER)
    assert before is not None
    assert changed(root, before) == []


def make(root: Path) -> None:
    (root / "new").touch()


def remove(root: Path) -> None:
    (root / "notes").unlink()


def rename(root: Path) -> None:
    (root / "notes").rename(root / "other")


def replace(root: Path) -> None:
    root.rename(root.parent / "old")
    root.mkdir()


def vanish(root: Path) -> None:
    shutil.rmtree(root)


def make_unreadable(root: Path) -> None:
    root.chmod(0)


@pytest.mark.parametrize("change", [make, remove, rename, replace, vanish, make_unreadable])
def test_sweep_tells_of_a_root_that_changed(root: Path, change: Callable[[Path], None]) -> None:
    before = fingerprint(root, time.time() + LATER)
    wait_for_tick(root)
    change(root)
    assert changed(root, before) == ["lakeview"]


def test_sweep_tells_of_a_root_that_came(tmp_path: Path) -> None:
    root = tmp_path / "upload"
    before = fingerprint(root, time.time())
    root.mkdir()
    assert before is None
    assert changed(root, before) == ["lakeview"]


def test_fingerprint_of_a_root_that_changed_just_now_is_none(root: Path) -> None:
    """It may change again within the same tick of the file system's clock, unseen."""
    changed_at = root.stat().st_ctime
    assert fingerprint(root, changed_at + 1) is None
    assert fingerprint(root, changed_at + 3) is not None


def test_fingerprint_of_a_root_from_the_future_is_none(root: Path) -> None:
    """A server's clock that runs ahead of ours: the root is looked at in full each time, never taken for unchanged."""
    assert fingerprint(root, time.time() - LATER) is None


def test_sweep_of_many_tells_of_each_that_changed(tmp_path: Path) -> None:
    roots = [tmp_path / f"root-{number}" for number in range(20)]
    for root in roots:
        root.mkdir()
    prints = [fingerprint(root, time.time() + LATER) for root in roots]
    wait_for_tick(roots[0])
    for root in roots[::5]:
        (root / "new").touch()
    told: list[str] = []
    Sweep(tuple((root.name, root, before) for root, before in zip(roots, prints, strict=True))).run(told.append)
    assert told == [root.name for root in roots[::5]]
