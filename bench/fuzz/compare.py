"""Runs one case through both validators and says how they differ."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace

from bench.fuzz import gaps
from bench.fuzz.cases import Case, make_case
from bench.fuzz.reference import NotComparedError, Place, judge
from bench.fuzz.running import Seen, run_case
from watcher.model.codes import CODES
from watcher.model.findings import Level, Occurrence

#: Of so many cases one is judged with rows left out too, another one in one piece.
_ONE_IN = 3


def run(seed: int) -> tuple[int, int, list[str]]:
    """The seed, how many files its case has, and the differences; a crash is one too. For a process of its own."""
    try:
        return seed, len(make_case(seed).files), differences(seed)
    except Exception as error:  # noqa: BLE001 (a crash is a finding of its own)
        return seed, 0, [f"{type(error).__name__}: {error}"]


def be_one_thread() -> None:
    """Let polars take one thread only: there are as many processes as processors."""
    os.environ["POLARS_MAX_THREADS"] = "1"


def differences(seed: int) -> list[str]:
    """What only one of the two finds in the case of this seed, a line each; empty if they agree."""
    case = make_case(seed)
    try:
        expected, records = judge(case)
    except NotComparedError:
        seen = run_case(case, 1)
        return _of_threads(case, seen) + _of_blocks(case, seen)
    seen = run_case(case, 1)
    found, rows = Counter(_place(one) for one in seen.places if _is_compared(one)), seen.rows
    lines = [f"only the reference: {place} x {count}" for place, count in (expected - found).items()]
    lines += [f"only ours: {place} x {count}" for place, count in (found - expected).items()]
    lines += [f"rows of {name}: {rows.get(name)}, reference {records[name]}" for name in records if rows != records]
    lines += gaps.differences(case, seen) if seed % _ONE_IN == 0 else ()
    lines += _of_blocks(case, seen) if seed % _ONE_IN == 1 else ()
    return lines + _of_threads(case, seen)


def _of_blocks(case: Case, seen: Seen) -> list[str]:
    """Read in one piece it must tell the very same, in the same order."""
    whole = replace(case, block_bytes=1 << 20, part_rows=100_000)
    return _unlike(seen, run_case(whole, 1), "one block")


def _of_threads(case: Case, seen: Seen) -> list[str]:
    """Several threads must tell the very same, in the same order."""
    if case.jobs == 1:
        return []
    return _unlike(seen, run_case(case, case.jobs), f"{case.jobs} threads")


def _unlike(seen: Seen, other: Seen, how: str) -> list[str]:
    """How two runs of one case differ; `how` the other one was done."""
    lines = [] if other.places == seen.places else [f"{how}: other places, or in another order"]
    return lines if other.report == seen.report else [*lines, f"{how}: another report"]


def _is_compared(found: Occurrence) -> bool:
    return CODES[found.code].level in (Level.ROW, Level.CELL)


def _place(found: Occurrence) -> Place:
    return str(found.file), found.line or 0, found.record or 0, found.rule or found.column or "", found.code
