"""What many files have in common is told once; what few have, file by file."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.reporting.builders import a_file, a_finding, a_report
from watcher.model.findings import Finding, Level, Severity
from watcher.model.report import FileReport, Report
from watcher.reporting import render
from watcher.reporting.sections import FileLine, file_lines, sections, told_sections


def a_flaw(file: str, severity: Severity = Severity.SKIPPED, **changes: object) -> Finding:
    values = {"level": Level.FILE, "message": "it is cut off", "line": None, "column": None, "advice": "again"}
    return a_finding("picture-damaged", severity, file=file, **{**values, **changes})


def a_picture(name: str, **changes: object) -> FileReport:
    return a_file(name, **{"schema": "photo.jpg", "rows": 0, "size_bytes": 1000, **changes})


def names(count: int) -> list[str]:
    return [f"{number:03}.jpg" for number in range(count)]


def pictures(count: int, *others: Finding, **changes: object) -> Report:
    """So many damaged pictures, and as many sound ones."""
    bad = [a_picture(name, is_left_out=True, skipped_errors=1) for name in names(count)]
    good = [a_picture(f"good-{name}") for name in names(count)]
    flaws = (replace(a_flaw(name), **changes) for name in names(count))  # type: ignore[arg-type]
    return a_report(*flaws, *others, files=(*bad, *good))


def test_few_files_with_the_same_findings_are_told_one_by_one() -> None:
    told = told_sections(pictures(5))
    assert [section.title for section in told] == names(5)
    assert told == sections(pictures(5))
    assert len(file_lines(pictures(5), told)) == 10


def test_many_files_with_the_same_findings_are_told_once() -> None:
    report = pictures(30)
    (section,) = told_sections(report)
    (finding,) = section.findings
    assert (section.title, section.summary) == ("30 files", "30 skipped errors; the files are left out")
    assert (finding.count, finding.message) == (30, "it is cut off")
    assert [sample.value for sample in finding.samples] == names(20)
    assert file_lines(report, (section,)) == (
        FileLine(
            "000.jpg, 001.jpg, 002.jpg and 27 more",
            "30 files",
            "30.0 kB",
            "each: the file is left out: 1 skipped error",
            "000.jpg",
        ),
        FileLine("good-000.jpg, good-001.jpg, good-002.jpg and 27 more", "30 files", "30.0 kB", "no errors", None),
    )


def test_finding_that_says_another_thing_of_each_file_gives_an_example() -> None:
    report = a_report(*(a_flaw(name, message=f"it has {name}") for name in names(9)))
    (section,) = told_sections(report)
    assert section.findings[0].message == "for example: it has 000.jpg"


@pytest.mark.parametrize(
    "changes", [{"level": Level.HEADER}, {"level": Level.CELL, "line": 3}, {"line": 3}], ids=["header", "cell", "line"]
)
def test_findings_that_point_into_files_stay_with_their_files(changes: dict[str, object]) -> None:
    report = pictures(9, **changes)
    assert [section.title for section in told_sections(report)] == names(9)


def test_files_with_other_findings_besides_stand_alone() -> None:
    both = a_flaw("003.jpg", Severity.WARNING, message="odd")
    told = told_sections(pictures(9, both))
    assert [section.title for section in told] == ["8 files", "003.jpg"]


def test_files_with_rows_are_listed_one_by_one() -> None:
    report = a_report(files=tuple(a_file(f"{number}.csv", schema="any.csv") for number in range(9)))
    assert [line.name for line in file_lines(report, ())] == [f"{number}.csv" for number in range(9)]


def test_few_files_without_rows_keep_their_places() -> None:
    empty = {"rows": 0, "schema": None}
    files = (a_file("a.txt", **empty), a_file("b.csv"), a_file("c.txt", **empty))
    assert [line.name for line in file_lines(a_report(files=files), ())] == ["a.txt", "b.csv", "c.txt"]


def test_lines_of_files_told_apart_have_no_link() -> None:
    other = [a_flaw(name, advice="rename it") for name in names(3)]
    report = a_report(*(a_flaw(name) for name in names(9)[3:]), *other, files=tuple(map(a_picture, names(9))))
    (line,) = file_lines(report, told_sections(report))
    assert (line.rows, line.section) == ("9 files", None)


def test_report_on_ten_thousand_alike_is_short() -> None:
    report = pictures(10_000)
    letter, page = render(report, "text"), render(report, "html")
    assert len(letter.splitlines()) < 40
    assert len(page) < 20_000
    assert "10,000 files were left out whole, nothing of them is used: 000.jpg, 001.jpg" in " ".join(letter.split())
    assert 'href="#' in page
