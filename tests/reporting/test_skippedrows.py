"""The CSV of rows that are left out: by line, with reasons and the original cells, fit for a spreadsheet."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest

from tests.validation.worlds import column, dataset, drop, file_schema
from watcher.errors import WatcherError
from watcher.model.codes import CODES
from watcher.reporting.skippedrows import skipped_rows, write_skipped
from watcher.reporting.wording import skipped_file_name
from watcher.schema.model import Dataset, DatasetFile, Dialect, OnError, Reference, RowLimit
from watcher.validation import typed_frames, validate, validate_file

SCHEMA = file_schema(
    "users.csv",
    column("id", required=True),
    column("role", enum=["student", "teacher"]),
    column("note", nulls=("n/a",)),
    key=("id",),
    on_error=OnError.SKIP_ROWS,
)
WORLD = Dataset("d", (DatasetFile(SCHEMA),))
USERS = """id,role,note
1,student,fine
2,boss,n/a
3,teacher,"two
lines"
,boss,=1+1

5,student
6,student,"opened
7,teacher,fine
8,boss,"two
more"
"""


def listed(folder: Path) -> list[dict[str, str]]:
    with (folder / "skipped-users.csv").open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_skipped_rows_stand_with_line_reasons_and_cells(tmp_path: Path) -> None:
    where = drop(tmp_path, users=USERS)
    report = validate(where, WORLD)
    assert report.files[0].skipped == (2, 4, 5, 6, 8)
    assert write_skipped(where, WORLD, report, tmp_path) == (tmp_path / "skipped-users.csv",)
    rows = listed(tmp_path)
    assert [(row["line"], row["id"], row["role"], row["note"]) for row in rows] == [
        ("3", "2", "boss", "n/a"),
        ("6", "", "boss", "'=1+1"),
        ("8", "5,student", None, None),
        ("9", '6,student,"opened', None, None),
        ("11", "8", "boss", r"two\nmore"),
    ]
    assert rows[0]["why"].startswith("role: the value is not one of the allowed values")
    assert rows[1]["why"].count(";") == 1
    assert "(required)" in rows[1]["why"]
    assert "(ragged-row)" in rows[2]["why"]


def test_skipped_rows_say_of_each_what_is_true_of_it(tmp_path: Path) -> None:
    """The finding's own words, which sum up all of its rows, are untrue of some."""
    kinds = Reference("p", "id", (("kind", ("s", "t")),))
    people = file_schema("users.csv", column("of", references=kinds), on_error=OnError.SKIP_ROWS)
    rows = "of\n1\n7\n2\n8\n9\n1,\n"
    world = dataset(people, file_schema("p.csv", column("id"), column("kind")))
    where = drop(tmp_path, users=rows, p="id,kind\n1,s\n2,x\n")
    write_skipped(where, world, validate(where, world), tmp_path)
    nowhere = "of: the value is not in p.id where kind is s or t, expected one that is (unknown-reference)"
    of_another_kind = (
        "of: the value is in p.id, but its kind is not s or t, expected one of p.id where kind is s or t "
        "(unknown-reference)"
    )
    assert [(row["of"], row["why"]) for row in listed(tmp_path)][:-1] == [
        ("7", nowhere),
        ("2", of_another_kind),
        ("8", nowhere),
        ("9", nowhere),
    ]


def test_skipped_rows_say_of_each_how_many_cells_it_has(tmp_path: Path) -> None:
    rows = "id,role,note\n" + "1\n2,a,b,c\n3,teacher,\n" * 40
    where = drop(tmp_path, users=rows)
    write_skipped(where, WORLD, validate(where, WORLD), tmp_path)
    told = {row["id"]: row["why"] for row in listed(tmp_path)}
    assert told["1"] == "found 1 cell, expected 3 as in the header (ragged-row)"
    assert told["2,a,b,c"] == "found 4 cells, expected 3 as in the header (ragged-row)"


def test_skipped_rows_that_are_wrong_in_very_many_ways_are_told_what_is_true(tmp_path: Path) -> None:
    where = drop(tmp_path, users="id,role,note\n" + "".join("," * cells + "\n" for cells in range(3, 203)))
    write_skipped(where, WORLD, validate(where, WORLD), tmp_path)
    told = [row["why"] for row in listed(tmp_path)]
    assert told[1] == "found 5 cells, expected 3 as in the header (ragged-row)"
    assert told[-1] == f"{CODES['ragged-row'].meaning} (ragged-row)"


def test_skipped_rows_of_files_with_long_names_that_begin_alike_are_two_files(tmp_path: Path) -> None:
    """A file is found by the name it is shown by, and its list overwrites no other's."""
    where = drop(tmp_path)
    for end in "12":
        (where / f"{'名' * 75}{end}{'x' * 20}.csv").write_text(f"id,role\n{end},boss\n1{end},student\n")
    world = Dataset("d", (DatasetFile(replace(SCHEMA, max_skipped_rows=RowLimit(percent=100)), match="*.csv"),))
    (tmp_path / "out").mkdir()
    written = write_skipped(where, world, validate(where, world), tmp_path / "out")
    assert len(set(written)) == 2
    assert [path.read_text().splitlines()[1].split(",")[-2] for path in written] == ['"1"', '"2"']


def test_skipped_rows_are_those_that_typed_frames_leaves_out(tmp_path: Path) -> None:
    where = drop(tmp_path, users=USERS)
    [file] = validate(where, WORLD).files
    ids = [cell for frame in typed_frames(where / "users.csv", SCHEMA, skip=file.skipped) for cell in frame["id"]]
    assert ids == ["1", "3", "7"]


def test_skipped_rows_of_one_file_under_another_name(tmp_path: Path) -> None:
    path = tmp_path / "people of today.txt"
    path.write_text(USERS)
    report = validate_file(path, SCHEMA)
    [written] = write_skipped(path, SCHEMA, report, tmp_path)
    assert written.name == "skipped-people of today.txt.csv"
    assert len(written.read_text().splitlines()) == 6


def test_skipped_rows_of_an_open_file(tmp_path: Path) -> None:
    (tmp_path / "spool").write_text(USERS)
    with (tmp_path / "spool").open("rb") as stream:
        report = validate_file(stream.fileno(), SCHEMA, name="users.csv")
        write_skipped(stream.fileno(), SCHEMA, report, tmp_path)
    assert [row["line"] for row in listed(tmp_path)] == ["3", "6", "8", "9", "11"]


def test_skipped_rows_of_a_file_with_an_odd_name(tmp_path: Path) -> None:
    where = drop(tmp_path)
    (where / "us\ners.csv").write_text(USERS)
    odd = Dataset("d", (DatasetFile(SCHEMA, match="us*.csv"),))
    [written] = write_skipped(where, odd, validate(where, odd), tmp_path)
    assert written.name == r"skipped-us\ners.csv"
    assert len(written.read_text().splitlines()) == 6


def test_nothing_skipped_writes_nothing(tmp_path: Path) -> None:
    where = drop(tmp_path, users="id,role,note\n1,student,x\n")
    assert write_skipped(where, WORLD, validate(where, WORLD), tmp_path) == ()
    assert not list(tmp_path.glob("skipped*"))


@pytest.mark.parametrize("encoding", ["utf-16", "windows-1252"])
def test_skipped_rows_of_other_encodings_are_text(tmp_path: Path, encoding: str) -> None:
    schema = file_schema("users.csv", *SCHEMA.columns, on_error=OnError.SKIP_ROWS, dialect=Dialect(encoding=encoding))
    path = tmp_path / "users.csv"
    path.write_text("id,role,note\n1,Zoë,a\n2,student\n3,student,é\n4,Zoë\n", encoding=encoding)
    report = validate_file(path, schema)
    write_skipped(path, schema, report, tmp_path)
    assert [(row["line"], row["id"], row["role"]) for row in listed(tmp_path)] == [
        ("2", "1", "Zoë"), ("3", "2,student", None), ("5", "4,Zoë", None),
    ]  # fmt: skip


def test_long_row_is_cut_and_control_characters_are_seen(tmp_path: Path) -> None:
    path = tmp_path / "users.csv"
    path.write_text("id,role,note\n1\x1b[31m," + "x" * 100_000 + "\n")
    report = validate_file(path, SCHEMA)
    write_skipped(path, SCHEMA, report, tmp_path)
    [row] = listed(tmp_path)
    assert row["id"].startswith(r"1\x1b[31m,xxx")
    assert len(row["id"]) < 5_000


def test_file_that_changed_its_header_can_not_be_listed(tmp_path: Path) -> None:
    path = tmp_path / "users.csv"
    path.write_text(USERS)
    [file] = validate_file(path, SCHEMA).files
    path.write_text("nothing\n")
    with pytest.raises(WatcherError, match=r"users\.csv: its header"):
        list(skipped_rows(path, SCHEMA, file))
    assert not list(tmp_path.glob("skipped*"))


def test_name_of_the_listing_fits_any_file_system() -> None:
    assert skipped_file_name("users.csv") == "skipped-users.csv"
    assert skipped_file_name("USERS.CSV") == "skipped-USERS.csv"
    assert skipped_file_name("a/b") == "skipped-a_b.csv"
    assert len(skipped_file_name("ü" * 250 + ".csv").encode()) <= 250


def test_listing_of_many_blocks_is_bounded_by_the_file_not_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "users.csv"
    path.write_text("id,role,note\n" + "".join(f"{i},{'boss' if i % 3 else 'student'},x\n" for i in range(60_000)))
    schema = file_schema("users.csv", *SCHEMA.columns, on_error=OnError.SKIP_ROWS)
    [file] = validate_file(path, schema).files
    text = b"".join(skipped_rows(path, schema, file)).decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [int(row["line"]) - 2 for row in rows] == [i for i in range(60_000) if i % 3]
    assert all(row["id"] == str(int(row["line"]) - 2) for row in rows)
