"""Pictures against students: who has none, which is nobody's, and what is said where that can't be told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.validation.photos import album, jpeg, photos
from tests.validation.worlds import codes, column, dataset, file_schema, only
from watcher.model.findings import Severity
from watcher.model.report import Report
from watcher.schema.model import FileSchema
from watcher.validation import validate
from watcher.validation.roster import Roster

STUDENTS = file_schema("students.csv", column("number", type="integer", aliases=("personID",)), column("name"))


def compared(folder: Path, text: str | bytes | None, *ids: str, schema: FileSchema = STUDENTS) -> Report:
    """The report on pictures of these students, compared with a roster of this text."""
    path = folder / "students.csv"
    if text is not None:
        path.write_bytes(text.encode() if isinstance(text, str) else text)
    where = album(folder, **{f"p{one}": jpeg() for one in ids})
    return validate(where, photos(), roster=Roster(path, schema, "number", "students.csv"))


def test_pictures_of_all_students_are_no_finding(tmp_path: Path) -> None:
    assert compared(tmp_path, "number,name\n7,A\n8,B\n7,C\n", "7", "8").findings == ()


def test_pictures_and_students_without_each_other_are_one_warning_each(tmp_path: Path) -> None:
    rows = "".join(f"{i},\n" for i in range(1000, 1050))
    report = compared(tmp_path, "personID,name\n" + rows, "1000", "1", "2")
    nobody, none = only(report, "picture-without-student"), only(report, "student-without-picture")
    assert [sample.value for sample in nobody.samples] == ["1.jpg", "2.jpg"]
    assert (none.count, len(none.samples), none.samples[0].value) == (49, 20, "1001")
    assert {finding.severity for finding in report.findings} == {Severity.WARNING}
    assert nobody.message == "the name of the picture is not in students.csv, column number, expected that of a student"


def test_pictures_are_compared_as_written(tmp_path: Path) -> None:
    """Leading zeros are part of a number on a card, whatever the type of the column."""
    assert codes(compared(tmp_path, "number,name\n007,A\n", "7")) == [
        "picture-without-student",
        "student-without-picture",
    ]
    assert codes(compared(tmp_path, "number,name\n7,A\n", "7")) == []


def test_pictures_that_are_damaged_are_there_all_the_same(tmp_path: Path) -> None:
    album(tmp_path, p7=b"x" * 200)
    assert codes(compared(tmp_path, "number,name\n7,A\n")) == ["picture-format"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (None, "it could not be read: No such file or directory"),
        ("name,numbers\nA,1\n", "it has no column number"),
        ("", "it has no header line that can be read"),
    ],
)
def test_roster_that_is_of_no_use_is_a_warning(tmp_path: Path, text: str | None, reason: str) -> None:
    schema = file_schema("students.csv", column("name"), column("numbers"))
    found = only(compared(tmp_path, text, "7", schema=schema), "roster-not-compared")
    assert found.severity is Severity.WARNING
    assert found.message.startswith(f"the pictures were not compared with students.csv: {reason}")


def test_roster_that_is_a_link_or_a_folder_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "students.csv").mkdir()
    assert only(compared(tmp_path, None, "7"), "roster-not-compared").message.endswith("it is a folder")


def test_roster_beside_a_dataset_without_pictures_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "drop").mkdir()
    (tmp_path / "drop" / "students.csv").write_text("number,name\n7,A\n")
    roster = Roster(tmp_path / "drop" / "students.csv", STUDENTS, "number", "students.csv")
    assert validate(tmp_path / "drop", dataset(STUDENTS), roster=roster).findings == ()


def test_values_of_a_roster_are_shown_printably_and_bounded(tmp_path: Path) -> None:
    text = 'number,name\n"\x1b[31m' + "x" * 500 + '",A\n'
    [sample] = only(compared(tmp_path, text, "7"), "student-without-picture").samples
    assert sample.value is not None
    assert sample.value.isprintable()
    assert len(sample.value) <= 80
