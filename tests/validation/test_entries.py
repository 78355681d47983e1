"""Names of files: the right one, one that is nearly right, one that is not."""

from __future__ import annotations

import pytest

from tests.validation.worlds import dataset, file_schema
from watcher.validation.entries import match_entries

WORLD = dataset(file_schema("students.csv"), file_schema("schools.csv"), required=True)


def found(*names: str) -> tuple[dict[str, str], list[str]]:
    """The files behind the names, and the codes of what is to be said."""
    entries, occurrences = match_entries(tuple(sorted(names)), WORLD)
    return {e.name: e.schema.file for e in entries if e.schema is not None}, [o.code for o in occurrences]


@pytest.mark.parametrize(
    "name",
    [
        "Students.CSV",
        "students .csv",
        "students\u200b.csv",
        "students (1).csv",
        "students - Copy.csv",
        "students - Copy (2).csv",
        "students_auto.csv",
        "students_20260901.csv",
        "students20260901020000.csv",
        "Students.csv.txt",
        "students.csv.csv",
        "students",
        "students.txt",
        "studnets.csv",
        "student.csv",
    ],
)
def test_entry_of_nearly_the_right_name_is_read_and_told(name: str) -> None:
    assert found(name, "schools.csv") == ({name: "students.csv", "schools.csv": "schools.csv"}, ["misnamed-file"])


@pytest.mark.parametrize("name", ["students2.csv", "teachers.csv", ".csv", "(1).csv", "x" * 5_000, "students.csv.gz"])
def test_entry_of_another_name_is_none_of_the_files(name: str) -> None:
    assert found(name, "schools.csv") == ({"schools.csv": "schools.csv"}, [])


def test_entry_of_the_right_name_leaves_near_ones_alone() -> None:
    files, said = found("students.csv", "students (1).csv", "schools.csv")
    assert (list(files), said) == (["schools.csv", "students.csv"], [])


def test_entries_a_slip_away_from_one_name_are_not_chosen_from() -> None:
    assert found("studens.csv", "studets.csv", "schools.csv")[1] == []
