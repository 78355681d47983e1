"""How the benchmarks take and show their figures; that they run at all is shown by running them."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from bench import byhand, drops, measure, page
from bench.__main__ import _PARTS
from bench.herd import Size
from bench.measure import Spread, percentile
from bench.page import Table

TABLE = Table("idle", "Idle", "How it is.", ("roots", "CPU"), (("1,000", "0.5"), ("10,000", "0.9")))


@pytest.mark.parametrize(("share", "expected"), [(0.0, 1), (0.5, 50), (0.99, 99), (1.0, 100)])
def test_percentile_is_the_least_value_that_covers_the_share(share: float, expected: int) -> None:
    assert percentile([*range(100, 0, -1)], share) == expected


def test_spread_shows_median_least_and_most() -> None:
    assert Spread.of([3, 1, 2]).shown(1) == "2.0 (1.0-3.0)"


def test_cpu_and_memory_are_those_of_the_process() -> None:
    busy = subprocess.Popen([sys.executable, "-c", "held = bytearray(100 << 20)\nwhile True: pass"])
    try:
        deadline = time.monotonic() + 60
        while measure.cpu_seconds(busy.pid) < 0.3 or measure.memory_mb(busy.pid) < 100:
            assert time.monotonic() < deadline
        with pytest.raises(TimeoutError):
            measure.wait_until_quiet(busy.pid, deadline_seconds=2, quiet_seconds=1.5)
    finally:
        busy.kill()
        busy.wait()


def test_quiet_process_is_found_quiet() -> None:
    idle = subprocess.Popen(["sleep", "60"])
    try:
        begin = time.monotonic()
        assert begin <= measure.wait_until_quiet(idle.pid, deadline_seconds=30, quiet_seconds=0.5) <= time.monotonic()
    finally:
        idle.kill()
        idle.wait()


def test_page_takes_a_table_in_its_place_and_keeps_the_rest(tmp_path: Path) -> None:
    file = tmp_path / "performance.md"
    file.write_text("# P\n<!-- begin idle -->\nold\n<!-- end idle -->\n<!-- begin herd -->\nkept\n<!-- end herd -->\n")
    page.write(TABLE, file)
    text = file.read_text()
    assert "old" not in text
    assert "| 10,000 | 0.9 |\n" in text
    assert text.startswith("# P\n<!-- begin idle -->\n")
    assert text.endswith("<!-- end idle -->\n<!-- begin herd -->\nkept\n<!-- end herd -->\n")


def test_page_without_a_place_for_a_table_is_said(tmp_path: Path) -> None:
    file = tmp_path / "performance.md"
    file.write_text("# P\n")
    with pytest.raises(ValueError, match="no place for 'idle'"):
        page.write(TABLE, file)


def test_page_has_a_place_for_each_part() -> None:
    text = page.PAGE.read_text(encoding="utf-8")
    for part in _PARTS:
        assert text.count(f"<!-- begin {part} -->") == text.count(f"<!-- end {part} -->") == 1


def test_herd_has_as_many_epochs_as_are_put() -> None:
    size = Size(201, 500, 100, 4)
    assert size.epochs == sum(size.count(root) for root in range(size.roots)) == 1000


def test_by_hand_loads_every_row(tmp_path: Path) -> None:
    files = {"students.csv": "id,name\n1,Ann\n2,Zoe\n"}
    epochs = [tmp_path / drops.epoch_name(number) for number in range(2)]
    for epoch in epochs:
        drops.put(epoch, files)
    assert len(byhand.load_all(epochs, tmp_path / "stage", tmp_path / "db")) == 2
    assert rows(tmp_path / "db") == [("1", "Ann"), ("2", "Zoe")] * 2
    assert not any(epoch.exists() for epoch in epochs)


def rows(database: Path) -> list[tuple[str, str]]:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(database)) as connection:
        return connection.execute("SELECT * FROM students").fetchall()
