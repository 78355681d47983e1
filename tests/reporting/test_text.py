"""The letter: its order, its words, its width."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tests.reporting.builders import HOSTILE, a_file, a_finding, a_report, a_report_with_gaps, hostile_report
from watcher.model.findings import Finding, Level, Sample, Severity
from watcher.reporting import render

LETTER = """\
REJECTED: 1,204 errors and 1 warning

Root:    lakeview
Epoch:   20260901-020000
Dataset: students

We checked the drop 20260901-020000 (2 files) against the dataset "students". It has errors, so
nothing of it is used.

What to do
  1. Correct the errors below where the files are made: most often in the export of your
     school's own system.
  2. Send the complete set of files again, not only the corrected ones.
  3. Look at the warnings below as well: they did not cause the rejection, but they are likely
     mistakes.

students.csv: 1,204 errors and 1 warning in 1,200 rows
------------------------------------------------------
ERROR enum: column grade, 1,204 times, first on line 3
  expected one of 'KG', '01'
    line 3   "13"  (1,200 rows)
    line 11  an empty cell
    and 3 more
  Next: map the grade to a listed value

WARNING no-final-newline: line 1,201
  found no line end after the last row
  Next: check that the file was sent whole

Files received
--------------
  guardians.csv             1 row     812 bytes  no errors
  students.csv         1,200 rows        1.2 kB  1,204 errors and 1 warning
"""


def test_letter_tells_loose_files_by_the_names_they_came_under() -> None:
    """The sender knows OR_bulk20260901.zip; the epoch's name and those inside of it are ours."""
    letter = render(replace(a_report(), came_as=("OR_bulk20260901.zip",)), "text")
    assert "\nSent as: OR_bulk20260901.zip\nDataset: students\n" in letter
    assert "Sent as" not in render(a_report(), "text")


def test_letter_begins_with_the_manifest_that_explains_the_rest() -> None:
    """A set of OneRoster 1.2 sent as 1.1 has an error in nearly every file; only one of them says why."""
    wrong = a_finding("manifest-wrong-value", file="manifest.csv")
    letter = render(a_report(a_finding(file="classes.csv"), a_finding(file="users.csv"), wrong), "text")
    assert re.findall(r"^(\S+\.csv): ", letter, re.MULTILINE) == ["manifest.csv", "classes.csv", "users.csv"]


def test_letter_tells_some_of_many_names() -> None:
    letter = render(replace(a_report(), came_as=tuple(f"{n}.csv" for n in range(1234))), "text")
    assert "\nSent as: 0.csv, 1.csv," in letter
    assert "9.csv and 1,224 more" in letter


def test_letter_reads_in_full_as_meant() -> None:
    report = a_report(
        a_finding(
            "no-final-newline",
            Severity.WARNING,
            level=Level.FILE,
            line=1201,
            column=None,
            message="found no line end after the last row",
            advice="check that the file was sent whole",
        ),
        a_finding(count=1204, samples=(Sample(3, 2, "13", 1200), Sample(11, 10, ""))),
        files=(a_file("guardians.csv", rows=1, size_bytes=812), a_file(errors=1204, warnings=1)),
    )
    assert render(report, "text") == LETTER


def test_letter_of_a_clean_drop_asks_for_nothing() -> None:
    letter = render(a_report(), "text")
    assert letter.startswith("ACCEPTED: no errors\n")
    assert "Nothing in it is wrong. It is accepted." in " ".join(letter.split())
    assert "What to do" not in letter


def test_letter_with_warnings_only_is_accepted_and_says_nothing_is_resent() -> None:
    letter = render(a_report(a_finding(severity=Severity.WARNING)), "text")
    assert letter.startswith("ACCEPTED: 1 warning\n")
    assert "Nothing needs to be sent again." in letter


def test_letter_puts_whole_drop_first_then_files_with_errors_then_names() -> None:
    def warns(file: str | None) -> Finding:
        return a_finding(severity=Severity.WARNING, file=file)

    report = a_report(warns("a.csv"), a_finding(file="z.csv"), warns(None), a_finding(file="m.csv"))
    titles = re.findall(r"^(.+): \d+ \w+\n-+$", render(report, "text"), re.MULTILINE)
    assert titles == ["The drop as a whole", "m.csv", "z.csv", "a.csv"]


def test_letter_within_a_file_puts_errors_first_and_larger_things_before_cells() -> None:
    report = a_report(
        a_finding("enum", line=2),
        a_finding("header-only", Severity.WARNING, level=Level.FILE),
        a_finding("pattern", line=1),
        a_finding("missing-column", level=Level.HEADER, line=9),
    )
    codes = re.findall(r"^(?:ERROR|WARNING) ([a-z-]+)", render(report, "text"), re.MULTILINE)
    assert codes == ["missing-column", "pattern", "enum", "header-only"]


def test_letter_names_lines_of_samples_without_values_and_counts_the_rest() -> None:
    finding = a_finding("required", count=1204, samples=(Sample(14, 13), Sample(1900, 1899)))
    assert "  On lines 14, 1,900 and 1,202 more.\n" in render(a_report(finding), "text")


def test_letter_shows_ten_values_at_most_and_counts_the_others_exactly() -> None:
    finding = a_finding(count=500, samples=tuple(Sample(n, n, f"v{n}", 2) for n in range(1, 21)))
    letter = render(a_report(finding), "text")
    assert letter.count('"v') == 10
    assert "    and 480 more\n" in letter


def test_letter_of_a_missing_file_has_a_section_for_it() -> None:
    letter = render(a_report(a_finding("missing-file", file="guardians.csv", line=None, column=None)), "text")
    assert "guardians.csv: 1 error\n" in letter


def test_letter_gives_no_rows_of_a_file_that_nobody_read() -> None:
    finding = a_finding("unknown-file", Severity.WARNING, level=Level.FILE, file="notes.csv", line=None, column=None)
    letter = render(a_report(finding, files=(a_file("notes.csv", schema=None, rows=0),)), "text")
    assert "notes.csv: 1 warning\n" in letter
    assert "0 rows" not in letter
    assert letter.endswith("not part of the dataset\n")


def test_letter_without_root_and_epoch_speaks_of_what_was_given() -> None:
    report = a_report()
    by_hand = type(report)(report.dataset, report.files, report.findings)
    letter = render(by_hand, "text")
    assert "We checked what was given (1 file)" in letter
    assert "Root:" not in letter
    assert "Epoch:" not in letter


def test_letter_wraps_prose_but_leaves_long_names_whole() -> None:
    finding = a_finding(message="expected " + "word " * 60 + "x" * 110)
    lines = render(a_report(finding), "text").splitlines()
    assert {line for line in lines if len(line) > 96} == {"  " + "x" * 110}


@pytest.mark.parametrize("text", HOSTILE)
def test_letter_with_hostile_text_has_no_control_character_and_no_forged_line(text: str) -> None:
    letter = render(hostile_report(text), "text")
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2028\ud800-\udfff]", letter)
    assert letter.count("\nREJECTED") == 0
    letter.encode("utf-8")


def test_render_unknown_form_is_refused() -> None:
    with pytest.raises(ValueError, match="docx"):
        render(a_report(), "docx")


GAPS = """\
ACCEPTED, 1 file and 3 rows left out: 1 warning

Root:    lakeview
Epoch:   20260901-020000
Dataset: roster

We checked the drop 20260901-020000 (2 files) against the dataset "roster". It is accepted but
for 1 file and 3 rows: those have errors and are not used.

What to do
  1. The file staff.csv was left out whole: nothing of it is used.
  2. 3 rows of users.csv were left out. Find them, with what is wrong, in
     20260901-020000.skipped-users.csv beside this report.
  3. Correct what is marked as skipped where the files are made, and send the complete set of
     files again.
  4. Look at the warnings below as well: they are likely mistakes.

staff.csv: 1 skipped error in 7 rows; the file is left out
----------------------------------------------------------
SKIPPED missing-column: column id, line 1
"""


def test_letter_with_gaps_says_what_is_left_out_and_where_it_is_listed() -> None:
    letter = render(a_report_with_gaps(), "text")
    assert letter.startswith(GAPS)
    assert "users.csv: 5 skipped errors and 1 warning in 1,200 rows; 3 rows left out" in letter
    assert "3 rows left out: 5 skipped errors and 1 warning" in letter[letter.index("Files received") :]


def test_letter_on_what_was_validated_by_hand_promises_no_list_beside_it() -> None:
    letter = " ".join(render(replace(a_report_with_gaps(), root=None, epoch=None), "text").split())
    assert "beside this report" not in letter
    assert "The option --skipped of `epoch-watcher validate` lists them in skipped-users.csv." in letter


def test_reports_of_a_rejected_drop_call_nothing_left_out() -> None:
    """A file was said to be left out, and a line above that nothing is used."""
    gaps = a_report_with_gaps()
    rejected = replace(gaps, findings=(*gaps.findings, a_finding(file="users.csv")))
    assert "left out" not in render(rejected, "text").replace("would have been left out", "")
    assert "left out" not in render(rejected, "html").replace("would have been left out", "")


def test_letter_tells_the_row_where_it_does_not_go_with_the_line() -> None:
    letter = render(a_report_with_gaps(), "text")
    assert 'line 3         "13"' in letter
    assert 'line 9, row 4  "x"' in letter


def test_letter_of_a_rejected_drop_with_skipped_errors_leaves_nothing_out() -> None:
    letter = " ".join(render(a_report(a_finding(), a_finding("type", Severity.SKIPPED, count=2)), "text").split())
    assert letter.startswith("REJECTED: 1 error and 2 skipped errors")
    assert "nothing of it is used" in letter
    assert "Correct what is marked as skipped as well" in letter


def test_letter_puts_errors_before_what_is_skipped_before_warnings_and_files_before_cells() -> None:
    found = (
        a_finding("blank-line", Severity.WARNING, level=Level.ROW),
        a_finding("enum", Severity.SKIPPED, line=2),
        a_finding("type", line=2),
        a_finding("wrong-encoding", level=Level.FILE, line=90),
        a_finding("ragged-row", Severity.SKIPPED, level=Level.ROW, line=9),
    )
    letter = render(a_report(*found), "text")
    order = re.findall(r"^(?:ERROR|SKIPPED|WARNING) ([a-z-]+)", letter, re.MULTILINE)
    assert order == ["wrong-encoding", "type", "ragged-row", "enum", "blank-line"]


def test_letter_puts_rows_that_were_not_read_before_what_that_leads_to() -> None:
    found = (
        a_finding("duplicate-key", level=Level.ROW, column="id", line=2),
        a_finding("check", level=Level.ROW, line=3),
        a_finding("repeated-header", level=Level.ROW, line=42),
    )
    order = re.findall(r"^ERROR ([a-z-]+)", render(a_report(*found), "text"), re.MULTILINE)
    assert order == ["repeated-header", "duplicate-key", "check"]


def test_letter_names_a_line_once_however_often_something_is_on_it() -> None:
    samples = tuple(Sample(1, None, None) for _ in range(3))
    found = a_finding("duplicate-column", level=Level.HEADER, line=1, count=3, samples=samples)
    assert "On lines" not in render(a_report(found), "text")


def test_letter_puts_places_of_one_value_together() -> None:
    samples = tuple(Sample(line, line - 1, "Studnet" if line % 2 else "boss") for line in range(2, 20))
    letter = render(a_report(a_finding(count=30, samples=samples)), "text")
    assert '    lines 2, 4, 6, 8, 10 and 4 more  "boss"  (9 rows)\n' in letter
    assert '    lines 3, 5, 7, 9, 11 and 4 more  "Studnet"  (9 rows)\n    and 12 more\n' in letter


def test_letter_names_a_line_once_that_breaks_a_check_several_times() -> None:
    samples = (Sample(3, None, "a"), Sample(3, None, "a"), Sample(5, None, "a"))
    letter = render(a_report(a_finding("check", count=3, samples=samples)), "text")
    assert 'lines 3 and 5  "a"  (3 rows)' in letter
