"""Small files: many in one process, and one in a process of its own."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from bench.measure import Spread
from bench.page import Table
from bench.prepared import Prepared
from bench.processes import Command, Ran, in_turn, python, rss, wall
from bench.processes import run as run_process
from bench.validator import ours

_FILE_ROWS = 50
_SHOWN_PARTS = 8
_HEAD = ("", "ms", "RSS MiB")
_ABOUT = """\
{files:,} files users.csv of {rows} rows, sound ones, by `watcher.validate_file` in one process; then one of them by
`epoch-watcher validate`, a process each, in turn with processes that do nothing, or only import. Medians
(least-greatest); runs: {runs}. Where the time of the many goes was asked of `cProfile`, in a run of its own."""


def run(folder: Path, *, quick: bool) -> Table:
    """The figures of many and of one."""
    files, runs = (200, 1) if quick else (10_000, 5)
    many = _many(Prepared(folder), folder / "many", files)
    together = [run_process(python("bench.manyfiles", many)) for _ in range(min(runs, 3))]
    alone = in_turn(_alone(next(many.iterdir())), runs)
    rows = (
        _together(together),
        *_profile(many),
        *((name, _milliseconds(wall(rans)), f"{rss(rans):,.0f}") for name, rans in alone.items()),
    )
    return Table("small", "Small files", _ABOUT.format(files=files, rows=_FILE_ROWS, runs=runs), _HEAD, rows)


def _many(prepared: Prepared, folder: Path, count: int) -> Path:
    """So many files, each with rows of its own."""
    lines = prepared.users("rows", count * _FILE_ROWS).read_bytes().splitlines(keepends=True)
    folder.mkdir()
    for number in range(count):
        rows = lines[1 + number * _FILE_ROWS :][:_FILE_ROWS]
        (folder / f"users{number:05}.csv").write_bytes(b"".join([lines[0], *rows]))
    return folder


def _alone(file: Path) -> dict[str, Command]:
    named = file.parent.with_name("one") / "users.csv"
    named.parent.mkdir()
    named.write_bytes(file.read_bytes())
    return {
        "one by `epoch-watcher validate`": ours(named),
        "`python -c pass`": (sys.executable, "-c", "pass"),
        "`python -c 'import polars'`": (sys.executable, "-c", "import polars"),
    }


def _together(rans: list[Ran]) -> tuple[str, str, str]:
    told = [json.loads(ran.output) for ran in rans]
    if any(each["errors"] for each in told):
        raise ValueError("the sound files are not accepted")
    each_file = Spread.of([each["seconds"] / each["files"] for each in told])
    rate = 1 / each_file.median
    return f"one of many ({rate:,.0f} files/s)", _milliseconds(each_file), f"{rss(rans):,.0f}"


def _profile(many: Path) -> list[tuple[str, str, str]]:
    told = json.loads(run_process(python("bench.manyfiles", many, "--profile")).output)
    parts = list(told["parts"].items())[:_SHOWN_PARTS]
    return [(f"of it in {part}", f"{100 * share:.0f} %", "") for part, share in parts]


def _milliseconds(seconds: Spread) -> str:
    return Spread(1000 * seconds.median, 1000 * seconds.least, 1000 * seconds.most).shown(1)
