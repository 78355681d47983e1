"""Runs one case through both validators and says how they differ."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from bench.fuzz.cases import Case, make_case
from bench.fuzz.reference import NotComparedError, Place, judge
from watcher.model.codes import CODES
from watcher.model.findings import Level, Occurrence
from watcher.validation import reading, validate


def differences(seed: int) -> list[str]:
    """What only one of the two finds in the case of this seed, a line each; empty if they agree."""
    case = make_case(seed)
    try:
        expected, records = judge(case)
    except NotComparedError:
        _ours(case)
        return []
    found, rows = _ours(case)
    lines = [f"only the reference: {place} x {count}" for place, count in (expected - found).items()]
    lines += [f"only ours: {place} x {count}" for place, count in (found - expected).items()]
    lines += [f"rows of {name}: {rows.get(name)}, reference {records[name]}" for name in records if rows != records]
    return lines


def _ours(case: Case) -> tuple[Counter[Place], dict[str, int]]:
    seen: list[Occurrence] = []
    with tempfile.TemporaryDirectory(prefix="epoch-watcher-fuzz-") as folder, _blocks_of(case.block_bytes):
        for name, data in case.files.items():
            Path(folder, name).write_bytes(data)
        report = validate(folder, case.dataset, sink=seen.append)
    return Counter(_place(one) for one in seen if _is_compared(one)), {file.name: file.rows for file in report.files}


def _is_compared(found: Occurrence) -> bool:
    return CODES[found.code].level in (Level.ROW, Level.CELL)


def _place(found: Occurrence) -> Place:
    return str(found.file), found.line or 0, found.rule or found.column or "", found.code


@contextmanager
def _blocks_of(size: int) -> Iterator[None]:
    """Let files be read in blocks of so many bytes, so that small files have many."""
    with patch.object(reading, "BLOCK_BYTES", size):
        yield
