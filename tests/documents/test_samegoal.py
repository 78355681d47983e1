"""SameGoal, "Other/Custom SIS Demographics Integration": what the page shows and advises, done."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.documents.district import District, good

FILES = good("samegoal", "demographics")
STUDENTS, GUARDIANS = FILES["students.csv"], FILES["guardians.csv"]


@pytest.fixture
def district(tmp_path: Path) -> District:
    (tmp_path / "upload").mkdir()
    return District(tmp_path, "roots: [{path: upload, name: lakeview, dataset: samegoal}]")


def test_samegoal_example_epoch_is_loaded_under_its_impossible_name(district: District) -> None:
    """`/upload/20200101-139029/` with students.csv, guardians.csv and COMPLETE, as the page has it."""
    for name, content in (*FILES.items(), ("COMPLETE", b"")):
        district.put(f"upload/20200101-139029/{name}", content)
    district.go_on()
    (record,) = district.records()
    assert (record.epoch, record.state.value) == ("20200101-139029", "loaded")
    assert district.laid(record) == {"students.csv", "guardians.csv"}
    assert ("warning", "impossible-epoch-time", None) in district.findings(record)
    assert district.left("upload") == set()


def test_samegoal_auto_files_become_one_epoch_without_a_marker(district: District) -> None:
    """`/upload/students_auto.csv` and `/upload/guardians_auto.csv`, the page's tip for who can make no directory."""
    district.put("upload/students_auto.csv", STUDENTS)
    district.put("upload/guardians_auto.csv", GUARDIANS)
    district.go_on()
    (record,) = district.records()
    assert record.state.value == "loaded"
    assert district.laid(record) == {"students.csv", "guardians.csv"}
    assert district.left("upload") == set()


def test_samegoal_auto_behind_the_date_of_an_exporter_is_the_file_of_that_day(district: District) -> None:
    for day in ("20260831", "20260901"):
        district.put(f"upload/students_{day}_auto.csv", STUDENTS)
        district.put(f"upload/guardians_{day}_auto.csv", GUARDIANS)
    district.go_on()
    assert [record.state.value for record in district.records()] == ["superseded", "loaded"]
    assert district.laid(district.records()[-1]) == {"students.csv", "guardians.csv"}


def test_samegoal_gotcha_missing_complete_waits(district: District) -> None:
    district.put("upload/20200101-139029/students.csv", STUDENTS)
    district.put("upload/20200101-139029/complete")
    (wait,) = district.after(3600)["lakeview"]
    assert wait.waits_for.value == "marker"
    assert "found 'complete'" in wait.reason
    assert district.records() == []


def test_samegoal_gotcha_no_epoch_directory_or_suffix_is_told(district: District) -> None:
    district.put("upload/students.csv", STUDENTS)
    district.go_on()
    kind, text = district.notices()["students.csv"]
    assert kind == "unknown-entry"
    assert "did the sender mean students_auto.csv?" in text
    assert district.left("upload") == {"students.csv"}


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("student.csv", STUDENTS, "unknown-file"),
        ("students.csv", STUDENTS.replace(b"Student Id", b"", 1), "missing-column"),
        ("students.csv", STUDENTS.replace(b"Student Id", b"Studnet Id", 1), "misnamed-column"),
        ("students.csv", STUDENTS + b'"open,quote\n', "unbalanced-quote"),
    ],
)
def test_samegoal_other_gotchas_reject_the_drop_each_with_a_finding_of_its_own(
    district: District, name: str, content: bytes, code: str
) -> None:
    """Files misnamed; file missing a column; misnamed column; files that are no CSV."""
    district.put(f"upload/20260901-020000/{name}", content)
    district.put("upload/20260901-020000/COMPLETE")
    district.go_on()
    (record,) = district.records()
    assert record.state.value == "rejected"
    assert ("error", code) in {finding[:2] for finding in district.findings(record)}
