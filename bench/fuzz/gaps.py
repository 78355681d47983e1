"""Runs a case once more with `on_error: skip-rows`: what is left out must be just what is wrong.

1. Nothing is lost: every finding of the strict run comes again; only references to rows left out may be added.
2. The rows left out are those that have a skipped finding, and no row with an error stays.
3. The files without these rows have no row with an error any more, and as many rows as were to stay.
"""

from __future__ import annotations

import tempfile
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from bench.fuzz.cases import Case
from bench.fuzz.running import Seen, run_case
from watcher.model.codes import CODES
from watcher.model.findings import Level, Occurrence, Severity
from watcher.schema.model import Dataset, OnError
from watcher.validation.reading.trimming import trimmed

_Place = tuple[str | None, int | None, int | None, str | None, str]


def differences(case: Case, strict: Seen) -> Iterator[str]:
    """What does not hold for this case, given the run in which every error rejects."""
    lenient = run_case(replace(case, dataset=_skipping(case.dataset)), case.jobs)
    before, after = Counter(map(_place, strict.places)), Counter(map(_place, lenient.places))
    yield from (f"skip-rows loses {place}" for place in before - after)
    yield from (f"skip-rows adds {place}" for place in after - before if place[-1] != "unknown-reference")
    for file in lenient.report.files:
        found = [one for one in lenient.places if one.file == file.name]
        skipped = {one.record for one in found if one.severity is Severity.SKIPPED and one.record is not None}
        if sorted(skipped) != list(file.skipped):
            yield f"{file.name}: {len(file.skipped)} rows are left out, {len(skipped)} have a skipped finding"
        yield from (f"{file.name}: {one.code} on line {one.line} stays an error" for one in found if _is_wrong_row(one))
    if not any(one.severity is Severity.ERROR for one in lenient.places):
        yield from _without_gaps(case, lenient)


def _skipping(dataset: Dataset) -> Dataset:
    schemas = (replace(file.schema, on_error=OnError.SKIP_ROWS, skip_only=()) for file in dataset.files)
    return replace(dataset, files=tuple(replace(f, schema=s) for f, s in zip(dataset.files, schemas, strict=True)))


def _place(found: Occurrence) -> _Place:
    return found.file, found.line, found.record, found.rule or found.column, found.code


def _is_wrong_row(found: Occurrence) -> bool:
    is_row = CODES[found.code].level in (Level.ROW, Level.CELL) and found.record is not None
    return is_row and found.severity is Severity.ERROR


def _without_gaps(case: Case, lenient: Seen) -> Iterator[str]:
    """What is still wrong with the files once the rows that are left out are taken out of them."""
    rest = {file.name: _trimmed(case, file.name, file.skipped) for file in lenient.report.files}
    if any(data.startswith(BOM_UTF8) and not case.files[name].startswith(BOM_UTF8) for name, data in rest.items()):
        return  # what was text in the middle of a file means something else at its beginning
    again = run_case(replace(case, files=rest, block_bytes=1 << 20), 1)
    yield from (f"{one.file}: {one.code} is still there" for one in again.places if _is_wrong_row(one))
    for file in lenient.report.files:
        if again.rows.get(file.name) != file.rows - len(file.skipped):
            yield f"{file.name}: {again.rows.get(file.name)} rows stay of {file.rows}, {len(file.skipped)} left out"


def _trimmed(case: Case, name: str, skip: tuple[int, ...]) -> bytes:
    schema = case.dataset.schema_for(name)
    assert schema is not None  # a case has no other files
    data = case.files[name]
    with tempfile.TemporaryDirectory(prefix="epoch-watcher-fuzz-") as folder:
        path = Path(folder, name)
        path.write_bytes(data)
        return b"".join(trimmed(path, schema, skip, (data[at : at + 32] for at in range(0, len(data), 32))))
