"""Runs one case through both validators and says how they differ."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from bench.fuzz.cases import Case, make_case
from bench.fuzz.reference import NotComparedError, Place, judge
from watcher.model.codes import CODES
from watcher.model.findings import Level, Occurrence
from watcher.model.report import Report
from watcher.validation import reading, validate


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
        return _of_threads(case, _ours(case, 1))
    seen = _ours(case, 1)
    found, rows = Counter(_place(one) for one in seen.places if _is_compared(one)), seen.rows
    lines = [f"only the reference: {place} x {count}" for place, count in (expected - found).items()]
    lines += [f"only ours: {place} x {count}" for place, count in (found - expected).items()]
    lines += [f"rows of {name}: {rows.get(name)}, reference {records[name]}" for name in records if rows != records]
    return lines + _of_threads(case, seen)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What our validator tells of a case: each occurrence in its order, the report, the rows of each file."""

    places: tuple[Occurrence, ...]
    report: Report
    rows: dict[str, int]


def _of_threads(case: Case, seen: _Seen) -> list[str]:
    """Several threads must tell the very same, in the same order."""
    if case.jobs == 1:
        return []
    other = _ours(case, case.jobs)
    lines = [] if other.places == seen.places else [f"{case.jobs} threads tell other places"]
    return lines if other.report == seen.report else [*lines, f"{case.jobs} threads make another report"]


def _ours(case: Case, jobs: int) -> _Seen:
    seen: list[Occurrence] = []
    with tempfile.TemporaryDirectory(prefix="epoch-watcher-fuzz-") as folder, _blocks_of(case.block_bytes):
        for name, data in case.files.items():
            Path(folder, name).write_bytes(data)
        report = validate(folder, case.dataset, sink=seen.append, epoch="fuzz", jobs=jobs)
    return _Seen(tuple(seen), report, {file.name: file.rows for file in report.files})


def _is_compared(found: Occurrence) -> bool:
    return CODES[found.code].level in (Level.ROW, Level.CELL)


def _place(found: Occurrence) -> Place:
    return str(found.file), found.line or 0, found.record or 0, found.rule or found.column or "", found.code


@contextmanager
def _blocks_of(size: int) -> Iterator[None]:
    """Let files be read in blocks of so many bytes, so that small files have many."""
    with patch.object(reading, "BLOCK_BYTES", size):
        yield
