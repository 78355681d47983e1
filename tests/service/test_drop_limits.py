"""Drops beyond what a root takes: told, rejected, never half taken and never in the way of others."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.intake.children import SENDER, SERVICE, as_user
from tests.needs import needs
from tests.service.oneroot import Later, OneRoot
from watcher.intake import scanner
from watcher.model.states import State

signal.signal(signal.SIGIO, signal.SIG_IGN)  # as the service does before it takes its first lease

EPOCH = "20260901-020000"


def findings(world: OneRoot) -> list[dict[str, Any]]:
    (report,) = (world.settings.work_dir / "rejected").rglob("report.json")
    found: list[dict[str, Any]] = json.loads(report.read_text())["findings"]
    return found


def test_drop_above_the_roots_limit_is_rejected_without_being_read(tmp_path: Path) -> None:
    """A sparse file says any size at no cost; reading it kept a worker busy for hours."""
    world = OneRoot(tmp_path)
    os.truncate(world.drop() / "students.csv", 1 << 40)
    world.settle()
    assert world.state() is State.REJECTED
    (found,) = findings(world)
    assert (found["code"], found["severity"]) == ("drop-too-large", "error")
    assert found["message"] == "the files add up to 1.1 TB, expected at most 20.0 GB; none of them was looked at"
    assert any("drop-too-large" in text for text in world.results().values())


@pytest.mark.parametrize(("less", "state"), [(0, State.LOADED), (1, State.REJECTED)])
def test_drop_may_be_as_large_as_the_roots_limit(tmp_path: Path, less: int, state: State) -> None:
    world = OneRoot(tmp_path)
    size = sum(path.stat().st_size for path in world.drop().iterdir())
    world.change(max_drop_gb=(size - less) / 1e9)
    world.settle()
    assert world.state() is state


def test_drop_with_more_entries_than_are_listed_is_told_and_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A claim used to take the listed ones and, where it copied, to lose the others."""
    monkeypatch.setattr(scanner, "MAX_ENTRIES", 5)
    world = OneRoot(tmp_path)
    folder = world.drop()
    for number in range(9):
        (folder / f"{number}.csv").touch()
    world.drop("20260902-020000")
    world.settle(1000)
    assert world.states() == {"20260902-020000": State.LOADED}
    assert world.notices() == {EPOCH: "unreadable-epoch"}
    assert len(list(folder.iterdir())) > 9


def claim_patiently(folder: Path) -> tuple[State, State]:
    """How far the drop is, before patience is over and after; what a worker does is left to the parent (polars)."""
    world = OneRoot(folder, workers=Later())
    world.settle()
    before = world.state()
    world.advance(world.lane.root.policy.gather_timeout_seconds)
    world.work()
    after = world.state()
    world.close()
    return before, after


@needs(root=True)
def test_drop_with_an_unreadable_file_is_rejected_when_patience_is_over(open_folder: Path) -> None:
    """It waited for ever: the sender never learnt of it."""
    world = OneRoot(open_folder)
    folder = world.drop()
    world.close()
    for path in (open_folder, *open_folder.rglob("*")):
        os.chown(path, SERVICE, SERVICE)
    for path in (folder, *folder.iterdir()):
        os.chown(path, SENDER, SENDER)
    folder.chmod(0o755)
    (folder / "guardians.csv").chmod(0o600)
    claimed = as_user(SERVICE, claim_patiently, open_folder)
    assert claimed == (State.CLAIMING, State.CLAIMED)
    world.restart()
    world.work()
    assert world.states() == {EPOCH: State.REJECTED}
    assert [(each["code"], each["file"]) for each in findings(world) if each["severity"] == "error"] == [
        ("unreadable-file", "guardians.csv")
    ]
