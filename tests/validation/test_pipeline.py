"""Work in order on several threads, and reports that do not depend on how many."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.validation.worlds import column, dataset, drop, file_schema
from watcher.model.findings import Occurrence
from watcher.model.report import Report
from watcher.reporting.csvfile import OccurrenceWriter
from watcher.schema.model import Dialect, FileSchema, OnError, RowLimit
from watcher.validation import validate
from watcher.validation.reading import blocks as reading
from watcher.validation.reading import survey
from watcher.validation.reading.blocks import Position
from watcher.validation.reading.pipeline import in_order, usual_jobs
from watcher.validation.reading.records import Grammar
from watcher.validation.reading.source import open_source

JOBS = [1, 2, 5]


def counted(limit: int, made: list[int]) -> Iterator[int]:
    for number in range(limit):
        made.append(number)
        yield number


@pytest.mark.parametrize("jobs", JOBS)
@pytest.mark.parametrize("items", [0, 1, 2, 20])
def test_in_order_gives_each_result_once_in_order(jobs: int, items: int) -> None:
    assert list(in_order(lambda item: item * item, iter(range(items)), jobs)) == [i * i for i in range(items)]


def test_in_order_works_in_other_threads_but_makes_items_here() -> None:
    makers: set[int] = set()

    def items() -> Iterator[int]:
        for number in range(10):
            makers.add(threading.get_ident())
            yield number

    workers = set(in_order(lambda _: threading.get_ident(), items(), 2))
    assert makers == {threading.get_ident()}
    assert threading.get_ident() not in workers


def test_in_order_works_on_several_items_at_once() -> None:
    together = threading.Barrier(2, timeout=60)
    assert len(list(in_order(lambda _: together.wait(), iter(range(4)), 2))) == 4


def test_in_order_a_single_item_needs_no_thread() -> None:
    assert list(in_order(lambda _: threading.get_ident(), iter([1]), 4)) == [threading.get_ident()]


@pytest.mark.parametrize("jobs", [1, 3])
def test_in_order_makes_only_few_items_ahead(jobs: int) -> None:
    made: list[int] = []
    for result in in_order(lambda item: item, counted(100, made), jobs):
        assert len(made) <= result + jobs + 2


@pytest.mark.parametrize("jobs", JOBS)
def test_in_order_raises_what_the_work_raises_in_its_turn(jobs: int) -> None:
    seen: list[float] = []
    with pytest.raises(ZeroDivisionError):
        seen.extend(in_order(lambda item: 1 / (3 - item), iter(range(9)), jobs))
    assert seen == [1 / 3, 1 / 2, 1]


@pytest.mark.parametrize("jobs", JOBS)
def test_in_order_closed_early_makes_no_more_items(jobs: int) -> None:
    made: list[int] = []
    results = in_order(lambda item: item, counted(100, made), jobs)
    next(results)
    results.close()
    so_far = len(made)
    assert so_far <= jobs + 2
    assert list(results) == []
    assert len(made) == so_far


DAMAGED = (
    "id,n,of\n" + "".join(f"{i},{i % 7},{i // 2}\n" for i in range(40)) + 'x,"a" b,1\n3,no,99\n4,5\n\n"q\nr",1,2\n' * 8
).encode() + b"\xe9,1,1\n"
SCHEMA = file_schema(
    "a.csv",
    column("id", required=True, maxLength=2),
    column("n", type="integer", maximum=5),
    column("of", references="a.id"),
    key=("id",),
)


def told(folder: Path, jobs: int) -> tuple[Report, list[Occurrence]]:
    seen: list[Occurrence] = []
    return validate(folder, dataset(SCHEMA), sink=seen.append, jobs=jobs), seen


@pytest.mark.parametrize("block_bytes", [64, 200])
def test_report_and_findings_are_the_same_for_any_number_of_threads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block_bytes: int
) -> None:
    monkeypatch.setattr(reading, "BLOCK_BYTES", block_bytes)
    folder = drop(tmp_path, a=DAMAGED)
    alone = told(folder, 1)
    assert len(alone[1]) > 60
    assert [told(folder, jobs) for jobs in JOBS[1:]] == [alone, alone]


#: Of each kind: sound, with a key that comes again, with a value near an allowed one, damaged over several lines.
LINES = (
    *(f"{key},{value},North:1;South:2,{key}" for key in "ab" for value in ("student", "teacher")),
    "c,Student,North:1,a", "d,techer,North:x,zz", "e,nobody,north:1;North,a;zz;zz", "a,student,,b", "f,x,:,", ",,,",
    'g,"teacher\nteacher",North:1,a', 'h,"student\n\n"x,,', 'i,"student', 'j,student"', "k,student", "", "id,role,of,ref",
    "l,stu\x00dent,North:1,a", "m,student\r,North:1,a",
)  # fmt: skip
INNER = {
    "type": "array",
    "minItems": 2,
    "maxItems": 2,
    "items": {"type": "string", "enum": ["North", "South", "1", "2"]},
}
ANY = file_schema(
    "a.csv",
    column("id", required=True, maxLength=2),
    column("role", enum=["student", "teacher"], unique=True),
    column("of", type="array", separator=";", inner_separator=":", items=INNER),
    column("ref", type="array", separator=";", references="a.id"),
    key=("id",),
)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    rows=st.builds(
        "{}{}".format, st.lists(st.sampled_from(LINES), max_size=40).map("\n".join), st.sampled_from(["", "\n"])
    ),
    block_bytes=st.integers(1, 120),
    escape=st.sampled_from([None, None, "\\"]),
    on_error=st.sampled_from(OnError),
)
def test_report_and_findings_do_not_depend_on_the_size_of_blocks(
    tmp_path: Path, rows: str, block_bytes: int, escape: str | None, on_error: OnError
) -> None:
    """What was meant was asked of the first block alone, and the order of rows with the same key hung on the blocks."""
    schema = replace(ANY, dialect=Dialect(escape=escape), on_error=on_error, max_skipped_rows=RowLimit(rows=3))
    folder = drop(tmp_path, a=f"id,role,of,ref\n{rows}")
    assert in_blocks(folder, schema, block_bytes) == in_blocks(folder, schema, 1 << 20)


def in_blocks(folder: Path, schema: FileSchema, block_bytes: int) -> tuple[Report, str]:
    """The report and all findings as CSV."""
    every = io.StringIO()
    with patch.object(reading, "BLOCK_BYTES", block_bytes), patch.object(survey, "_MOST_ROWS", block_bytes):
        return validate(folder, dataset(schema), sink=OccurrenceWriter(every), jobs=1), every.getvalue()


@pytest.mark.parametrize("jobs", JOBS)
def test_threads_read_on_behind_a_change_of_encoding(tmp_path: Path, jobs: int) -> None:
    """Blocks that were cut ahead in the wrong encoding are thrown away."""
    names = [f"Zoë é {number}" for number in range(400)]
    plain = b"1,plain\n" * 300
    path = tmp_path / "a.csv"
    path.write_bytes(plain + "".join(f"1,{name}\n" for name in names).encode("cp1252"))
    with open_source(path) as source:
        found = list(reading.chunks(source, Grammar(), 2, Position(), block_bytes=1000, jobs=jobs))
    assert [cell for chunk in found for cell in chunk.frame["1"].to_list()] == ["plain"] * 300 + names
    assert [line for chunk in found for line in chunk.lines.tolist()] == list(range(1, 701))
    assert [(fault.code, fault.line) for chunk in found for fault in chunk.all_faults()] == [("wrong-encoding", 301)]


@pytest.mark.parametrize(("processes", "jobs"), [(1, 6), (2, 3), (4, 1), (9, 1)])
def test_usual_jobs_share_the_processors_among_processes(
    monkeypatch: pytest.MonkeyPatch, processes: int, jobs: int
) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(6)))
    assert usual_jobs(processes) == jobs
