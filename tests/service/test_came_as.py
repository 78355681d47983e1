"""Loose files by the names that their sender gave them: in the log, in the report, in `show`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.service.oneroot import GATHER_SETTLE, GOOD, OneRoot, logged
from watcher.cli import main

SENT = {"students_auto_20260901.csv": GOOD["students.csv"], "guardians_auto.csv": GOOD["guardians.csv"]}
NAMES = "guardians_auto.csv, students_auto_20260901.csv"


def test_loose_files_are_told_of_by_the_names_they_came_under(
    world: OneRoot, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for name, content in SENT.items():
        (world.upload / name).write_bytes(content)
    with logged() as lines:
        world.settle(GATHER_SETTLE)
    (record,) = world.records()
    assert [line for line in lines if line.endswith(f"(gathered): {NAMES}")], lines
    assert f"\nSent as: {NAMES}\n" in world.results()[f"{record.epoch}.txt"]
    config = tmp_path / "config.yaml"
    config.write_text(f"work_dir: {world.settings.work_dir}\nroots: [{{path: {world.upload}, name: lakeview}}]\n")
    assert main(["show", "lakeview", record.epoch, "--config", str(config)]) == 0
    assert f"\nsent as:     {NAMES}\n" in capsys.readouterr().out


def test_epoch_of_the_senders_own_has_its_name_and_no_others(world: OneRoot) -> None:
    world.drop()
    world.settle()
    (record,) = world.records()
    assert record.came_as == ()
    assert "Sent as" not in world.results()[f"{record.epoch}.txt"]
