"""The closed room: bombs of time, memory, length and disk end it in time, and the next check goes on."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests.docs.console import ROOT
from tests.processes import open_files
from watcher.validation.checks import room
from watcher.validation.checks.room import CheckLimits, NotDoneError, open_room

SMALL = CheckLimits(seconds=2, memory_bytes=32 * 2**20, disk_bytes=16 * 2**20, rows=100)
ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n)"
BOMBS = {
    "endless recursion": (f"{ENDLESS} SELECT count(*) FROM n", "time"),
    "cross join": ("SELECT count(*) FROM t a, t b, t c, t d, t e", "time"),
    "endless distinct rows": (
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION SELECT x + 1 FROM n) SELECT max(x) FROM n",
        "disk",
    ),
    "endless sort": (f"{ENDLESS} SELECT x FROM n ORDER BY -x", "disk"),
    "replace": (
        "SELECT replace(replace(hex(printf('%1000d', 1)), '2', printf('%2000d', 1)), ' ', 'xxxxxxxx')",
        "length",
    ),
    "doubling": ("SELECT " + "hex(" * 12 + "printf('%2000d', 1)" + ")" * 12, "length"),
    "huge list": ("SELECT group_concat(printf('%10000d', a.x)) FROM t a", "length"),
    "wide row": ("SELECT " + ", ".join(["printf('%3000000d', 1)"] * 60), "memory"),
    "like": ("SELECT count(*) FROM t a, t b WHERE printf('%1000000d', a.x) LIKE '% % % %' || b.x || '%z'", "time"),
    "no number": ("SELECT abs(-9223372036854775808)", "error"),
    "no json": ("SELECT json_extract('{', '$.a')", "error"),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_room_ends_a_bomb_in_time_and_takes_the_next_query(bomb: str) -> None:
    sql, reason = BOMBS[bomb]
    limits = SMALL if reason == "time" else replace(SMALL, seconds=60)
    began = time.monotonic()
    with open_room(limits) as opened:
        opened.table("t", (("x", "INTEGER"),))
        opened.rows("t", [(i,) for i in range(1000)])
        opened.loaded()
        with pytest.raises(NotDoneError) as raised, opened.query(sql) as answer:
            assert list(answer.parts) == []
        assert (raised.value.reason, raised.value.is_room_open) == (reason, True)
        with opened.query("SELECT count(*) FROM t") as answer:
            assert list(answer.parts) == [[(1000,)]]
    assert time.monotonic() - began < limits.seconds + 10


@pytest.mark.parametrize(
    "sql",
    [
        "ATTACH 'x' AS y",
        "PRAGMA user_version",
        "DELETE FROM t",
        "CREATE TABLE u (x)",
        "SELECT load_extension('x')",
        "SELECT randomblob(10)",
        "SELECT sql FROM sqlite_schema",
        "SELECT name FROM pragma_module_list",
        "VACUUM INTO 'x'",
        "BEGIN",
    ],
)
def test_room_does_nothing_but_reading(sql: str) -> None:
    with open_room(SMALL) as opened:
        opened.table("t", (("x", "INTEGER"),))
        opened.loaded()
        with pytest.raises(NotDoneError, match="error"), opened.query(sql) as answer:
            list(answer.parts)


def test_room_result_is_cut_at_its_bound() -> None:
    with open_room(SMALL) as opened:
        opened.loaded()
        for rows, is_cut in ((100, False), (101, True)):
            with opened.query(f"{ENDLESS} SELECT x FROM n LIMIT {rows}") as answer:
                assert sum(map(len, answer.parts)) == 100
            assert answer.is_cut is is_cut


def test_room_too_small_for_the_tables_says_disk() -> None:
    with open_room(SMALL) as opened:
        opened.table("t", (("x", "TEXT"),))
        for _ in range(80):
            opened.rows("t", [("x" * 1000,)] * 1000)
        with pytest.raises(NotDoneError) as raised:
            opened.loaded()
    assert (raised.value.reason, raised.value.is_room_open) == ("disk", False)


def test_room_in_one_endless_instruction_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite looks at the clock between instructions only."""
    monkeypatch.setattr(room, "_GRACE_SECONDS", 0.5 - SMALL.seconds)
    text = "replace(printf('%{}d', 1), ' ', 'a')"
    with open_room(SMALL) as opened:
        opened.loaded()
        sql = f"SELECT instr({text.format(3_000_000)}, {text.format(1_500_000)} || 'b')"
        with pytest.raises(NotDoneError) as raised, opened.query(sql) as answer:
            list(answer.parts)
    assert (raised.value.reason, raised.value.is_room_open) == ("ended", False)


def test_room_without_an_interpreter_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(NotDoneError, match="ended"), open_room(SMALL):
        pass


#: The first rows come back at once, and then no more.
ORPHAN = f"""
from watcher.validation.checks.room import CheckLimits, open_room
with open_room(CheckLimits()) as opened:
    opened.loaded()
    with opened.query({ENDLESS + " SELECT x FROM n WHERE x <= 15000"!r}) as answer:
        next(answer.parts)
        print(opened.process_id, flush=True)
        list(answer.parts)
"""


def test_room_ends_when_we_are_killed_in_the_middle_of_a_query() -> None:
    command = [sys.executable, "-c", ORPHAN]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = os.pidfd_open(int(parent.stdout.readline()))
        parent.kill()
    ended = select.poll()
    ended.register(child, select.POLLIN)
    assert ended.poll(60_000), "it runs on"
    os.close(child)


def test_room_knows_nothing_of_our_environment_and_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EPOCH_WATCHER_SECRET", "x")
    with (tmp_path / "secret").open("w") as secret, open_room(SMALL) as opened:
        os.set_inheritable(secret.fileno(), True)
        opened.loaded()
        proc = Path(f"/proc/{opened.process_id}")
        assert b"EPOCH_WATCHER_SECRET" not in (proc / "environ").read_bytes()
        assert str(tmp_path / "secret") not in {name for name, _ in open_files(opened.process_id)}
        assert "polars" not in (proc / "maps").read_text()
