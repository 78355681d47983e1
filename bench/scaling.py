"""What makes the validator slower: more rows, more columns, an error in every row, other encodings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bench.page import Table
from bench.prepared import Prepared
from bench.processes import in_turn, ratio, rss, wall
from bench.rosters.tables import District
from bench.rosters.writing import Form
from bench.validator import ACCEPTED, REJECTED, beside_most, ours

_HEAD = ("users.csv", "rows", "MB", "validate s", "rows/s", "times the clean file", "at most", "RSS MiB")
_ABOUT = """\
`epoch-watcher validate`, the whole process, each file in turn with the clean one of {rows:,} rows and 20 columns;
turns: {runs}. The ratio is the median of those of neighbours. 60 columns: the further 40 are digits with a pattern and
a length. In "every date wrong" each row has a birth date in the American form. The last two files are written in
another encoding than the schema says, throughout: that is one finding, and all else is judged as well."""


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    path: Path
    rows: int
    at_most: float | None
    code: int = ACCEPTED


def run(folder: Path, *, quick: bool) -> Table:
    """The figures of each file."""
    # What is promised of the ratios is promised for files that take longer than starting.
    rows, runs = (10_000, 1) if quick else (1_000_000, 3)
    prepared = Prepared(folder)
    clean = prepared.users("clean", rows)
    return Table(
        "scaling",
        "What makes it slower",
        _ABOUT.format(rows=rows, runs=runs),
        _HEAD,
        tuple(_row(case, clean, runs, promised=not quick) for case in _cases(prepared, rows)),
    )


def _cases(prepared: Prepared, rows: int) -> tuple[Case, ...]:
    accents = District(accents=0.2)
    return (
        Case("a tenth of the rows", prepared.users("tenth", rows // 10), rows // 10, None),
        Case("the clean one", prepared.users("clean", rows), rows, None),
        Case("ten times the rows", prepared.users("tenfold", 10 * rows), 10 * rows, 11),
        Case("60 columns", prepared.users("wide", rows, District(extra_columns=40)), rows, 3),
        Case("every date wrong", prepared.users("wrong", rows, District(wrong_dates=True)), rows, 4, REJECTED),
        Case("accents", prepared.users("accents", rows, accents), rows, None),
        Case("Windows-1252", prepared.users("cp1252", rows, accents, Form(encoding="cp1252")), rows, None, REJECTED),
        Case("UTF-16", prepared.users("utf16", rows, accents, Form(encoding="utf-16")), rows, None, REJECTED),
    )


def _row(case: Case, clean: Path, runs: int, *, promised: bool) -> tuple[str, ...]:
    commands = {"clean": ours(clean), "case": ours(case.path)}
    rans = in_turn(commands, runs, codes=(ACCEPTED, REJECTED))
    if any(ran.code != case.code for ran in rans["case"]):
        raise ValueError(f"{case.name}: expected exit code {case.code}")
    return (
        case.name,
        f"{case.rows:,}",
        f"{case.path.stat().st_size / 1e6:,.0f}",
        wall(rans["case"]).shown(2),
        f"{case.rows / wall(rans['case']).median:,.0f}",
        *beside_most(ratio(rans["case"], rans["clean"]), case.at_most if promised else None),
        f"{rss(rans['case']):,.0f}",
    )
