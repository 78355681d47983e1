"""Rows that are left out take with them what refers to them: against a slow repetition until nothing changes."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tests.validation.test_keys import PLAIN
from tests.validation.worlds import column, dataset, drop, file_schema
from watcher.model.findings import Severity
from watcher.model.report import Verdict
from watcher.schema.model import FileSchema, OnError, RowLimit
from watcher.validation import validate

IDS = st.sampled_from(["", "1", "2", "3", "4", "5"])
NUMBERS = st.sampled_from(["", "1", "1", "1", "x"])
ROWS = st.lists(st.tuples(IDS, IDS, IDS, NUMBERS), max_size=8)
FILES = ("a", "b", "c")
#: Which file the columns `x` and `y` of each file refer to: to itself, in a circle, and out of it.
TO = {"a": ("a", "b"), "b": ("c", "a"), "c": ("c", "c")}

Table = list[tuple[str, str, str, str]]


def schema(stem: str, *, skips: bool) -> FileSchema:
    return file_schema(
        f"{stem}.csv",
        column("id"),
        column("x", references=f"{TO[stem][0]}.id"),
        column("y", references=f"{TO[stem][1]}.id"),
        column("n", type="integer"),
        key=("id",),
        on_error=OnError.SKIP_ROWS if skips else OnError.REJECT_EPOCH,
        max_skipped_rows=RowLimit(),
    )


@PLAIN
@given(tables=st.tuples(ROWS, ROWS, ROWS), skips=st.tuples(st.booleans(), st.booleans(), st.booleans()))
def test_rows_left_out_are_those_of_a_slow_repetition(
    tmp_path: Path, tables: tuple[Table, Table, Table], skips: tuple[bool, bool, bool]
) -> None:
    files = dict(zip(FILES, tables, strict=True))
    skipping = {stem for stem, skip in zip(FILES, skips, strict=True) if skip}
    texts = {stem: "id,x,y,n\n" + "".join(f"{','.join(row)}\n" for row in rows) for stem, rows in files.items()}
    world = dataset(*(schema(stem, skips=stem in skipping) for stem in FILES))
    report = validate(drop(tmp_path, **texts), world)
    bad = expected(files, skipping)
    for file in report.files:
        stem = file.name.removesuffix(".csv")
        assert file.skipped == (tuple(sorted(bad[stem])) if stem in skipping else ())
    wrong = [stem for stem in FILES if stem not in skipping and bad[stem]]
    assert (report.verdict is Verdict.REJECTED) is bool(wrong)
    assert {f.file for f in report.findings if f.severity is Severity.ERROR} == {f"{stem}.csv" for stem in wrong}


def expected(files: dict[str, Table], skipping: set[str]) -> dict[str, set[int]]:
    """The numbers of the rows with errors. Only those of skipping files are left out, and no longer referred to."""
    bad: dict[str, set[int]] = {}
    for stem, rows in files.items():
        ids = [row[0] for row in rows]
        bad[stem] = {i for i, row in enumerate(rows, 1) if row[3] == "x" or (row[0] and ids.count(row[0]) > 1)}
    while True:
        kept = {
            stem: {row[0] for i, row in enumerate(rows, 1) if stem not in skipping or i not in bad[stem]}
            for stem, rows in files.items()
        }
        more = {
            stem: {
                i for i, row in enumerate(rows, 1) if any(is_dangling(row[c], kept[TO[stem][c - 1]]) for c in (1, 2))
            }
            for stem, rows in files.items()
        }
        if all(more[stem] <= bad[stem] for stem in files):
            return bad
        bad = {stem: bad[stem] | more[stem] for stem in files}


def is_dangling(value: str, kept: set[str]) -> bool:
    return value != "" and value not in kept
