"""The validator beside polars that only parses: clean files, quoted, damaged, with accents; keys and references."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import verdicts
from bench.page import Table
from bench.prepared import Prepared
from bench.processes import Command, Ran, in_turn, python, ratio, rss, wall
from bench.rosters import DATASET
from bench.rosters.damage import Dose
from bench.rosters.kinds_by_table import KINDS
from bench.rosters.tables import District
from bench.rosters.writing import Form

#: Exit codes of `validate`: accepted, rejected.
ACCEPTED, REJECTED = 0, 1

_HEAD = (
    *("file", "rows", "MB", "polars s", "validate s", "CPU s", "rows/s"),
    *("ratio", "at most", "RSS MiB", "at most", "exact"),
)
_ABOUT = """\
`epoch-watcher validate`, the whole process, beside a process in which polars parses the same files and looks at the
length of every cell (`scan_csv`, streaming). Users have 20 columns, 18 of them with rules, and a key; enrollments have
10, a key and three references, and come with the files that they refer to, which are read and judged as well.
"Everyday" has accents in names, quotes about lists and line breaks in cells. Damaged: {count:,} rows of {kinds} kinds
(some only look wrong), byte-order mark, CRLF; polars refuses such a file, so the ratio is that to the clean one.
Exact: the list of all single findings, line, column and code, is that of the planted ones, none missing and none
besides. Files in the page cache, the processes in turn; turns: {runs}. Medians (least-greatest), and of the ratios of
neighbours the median."""


@dataclass(frozen=True, slots=True)
class Size:
    """How many rows, how many of them damaged, how many runs; what is promised is promised for the full size."""

    users: int
    enrollments: int
    damaged: int
    runs: int
    is_full: bool

    @classmethod
    def of(cls, *, quick: bool) -> Size:
        full = cls(1_000_000, 5_000_000, 20_000, 5, is_full=True)
        return cls(50_000, 100_000, 5_000, 1, is_full=False) if quick else full


@dataclass(frozen=True, slots=True)
class Case:
    """One row of the table: `path`, a file or folder, is validated. None where nothing is promised.

    `clean` is the sound file that a damaged one is held against, None for a sound one: it is held against polars.
    """

    name: str
    path: Path
    rows: int
    ratio_at_most: float | None
    rss_at_most: float
    clean: Path | None = None


def ours(path: Path) -> Command:
    """The command that a person would type."""
    return python("watcher", "validate", path, "--dataset", DATASET, "--format", "json")


def run(folder: Path, *, quick: bool) -> Table:
    """The figures of each file."""
    size = Size.of(quick=quick)
    prepared = Prepared(folder)
    rows = tuple(_row(case, prepared, size) for case in _cases(prepared, size))
    about = _ABOUT.format(count=size.damaged, kinds=len(KINDS["users"]), runs=size.runs)
    return Table("validator", "Validator", about, _HEAD, rows)


def exactness(prepared: Prepared, path: Path) -> str:
    """`yes`, or how far what is found in a file or folder is from what was planted; the first differences are told."""
    planted = [
        mistake for file, mistakes in prepared.planted.items() if path in (file, *file.parents) for mistake in mistakes
    ]
    found = verdicts.ours(path)
    if not (lines := verdicts.difference(planted, found)):
        return "yes"
    print(f"{path.name} of {path.parent.name}:", *lines, sep="\n  ", file=sys.stderr, flush=True)
    compared = verdicts.match(planted, found)
    return (
        f"NO, INVALID: {compared.planted - compared.right_lines} missing, {len(found) - compared.right_lines} besides"
    )


def beside_most(figure: float, most: float | None, digits: int = 2) -> tuple[str, str]:
    """The figure and what it may be at most; a figure beyond it says so."""
    shown = f"{figure:,.{digits}f}"
    return (shown, "") if most is None else (f"{shown} OVER" if figure > most else shown, f"{most:g}")


def _cases(prepared: Prepared, size: Size) -> Sequence[Case]:
    users = prepared.users("clean", size.users)
    everyday = District(accents=0.3, lists=0.05, line_breaks=0.01)
    dose = Dose(size.damaged, crlf=True, bom=True)
    enrollments = prepared.enrollments("enrollments", size.enrollments)
    return (
        Case("users", users, size.users, 2.0, 300),
        Case("users, all quoted", prepared.users("quoted", size.users, form=Form(quoted=True)), size.users, 3.0, 300),
        Case("users, everyday", prepared.users("everyday", size.users, everyday), size.users, None, 300),
        Case("users, damaged", prepared.damaged_users("damaged", size.users, dose), size.users, 1.6, 300, users),
        Case("enrollments", enrollments, size.enrollments, 3.0, 500),
        Case(
            "enrollments, damaged",
            prepared.enrollments("enrollments-damaged", size.enrollments, dose),
            size.enrollments,
            None,
            500,
            enrollments,
        ),
    )


def _row(case: Case, prepared: Prepared, size: Size) -> tuple[str, ...]:
    exact = exactness(prepared, case.path)
    files = sorted(case.path.glob("*.csv")) if case.path.is_dir() else [case.path]
    beside = ours(case.clean) if case.clean else python("bench.peers.touch", *files)
    # One after the other in each turn: that is what makes the ratios those of neighbours.
    rans = in_turn({"beside": beside, "ours": ours(case.path)}, size.runs, codes=(ACCEPTED, REJECTED))
    _must_end(rans["ours"], REJECTED if case.clean else ACCEPTED)
    _must_end(rans["beside"], ACCEPTED)
    return (
        case.name,
        f"{case.rows:,}",
        f"{sum(file.stat().st_size for file in files) / 1e6:,.0f}",
        "" if case.clean else wall(rans["beside"]).shown(2),
        wall(rans["ours"]).shown(2),
        f"{sum(ran.cpu for ran in rans['ours']) / len(rans['ours']):.2f}",
        f"{case.rows / wall(rans['ours']).median:,.0f}",
        *beside_most(ratio(rans["ours"], rans["beside"]), case.ratio_at_most if size.is_full else None),
        *beside_most(rss(rans["ours"]), case.rss_at_most, 0),
        exact,
    )


def _must_end(rans: Sequence[Ran], code: int) -> None:
    if any(ran.code != code for ran in rans):
        raise ValueError(f"expected exit code {code}, found {[ran.code for ran in rans]}")
