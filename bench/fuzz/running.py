"""Runs our validator on one case."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from bench.fuzz.cases import Case
from watcher.model.findings import Occurrence
from watcher.model.report import Report
from watcher.validation import validate
from watcher.validation.reading import blocks as reading
from watcher.validation.reading import survey, walk


@dataclass(frozen=True, slots=True)
class Seen:
    """What our validator tells of a case: each occurrence in its order, the report, the rows of each file."""

    places: tuple[Occurrence, ...]
    report: Report
    rows: dict[str, int]


def run_case(case: Case, jobs: int) -> Seen:
    """What is told of a case with so many threads."""
    seen: list[Occurrence] = []
    with tempfile.TemporaryDirectory(prefix="epoch-watcher-fuzz-") as folder, _pieces_of(case):
        for name, data in case.files.items():
            Path(folder, name).write_bytes(data)
        report = validate(folder, case.dataset, sink=seen.append, epoch="fuzz", jobs=jobs)
    return Seen(tuple(seen), report, {file.name: file.rows for file in report.files})


@contextmanager
def _pieces_of(case: Case) -> Iterator[None]:
    """Let files be read in small pieces, so that small files have many."""
    with (
        patch.object(reading, "BLOCK_BYTES", case.block_bytes),
        patch.object(survey, "_MOST_ROWS", case.part_rows),
        patch.object(walk, "_MOST_WRONG", case.part_rows),
    ):
        yield
