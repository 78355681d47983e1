"""Header lines: every way in which a name can be wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.validation.worlds import check, codes, column, only
from watcher.model.findings import Severity
from watcher.schema.model import Case, Dialect, Extra, HeaderRules, Order
from watcher.validation.reading.distance import edits, is_near

ID = column("student_id", required=True)
NAME = column("name")
STRICT = HeaderRules(order=Order.STRICT)


@pytest.mark.parametrize(
    "name",
    [
        "Student_ID",
        "student id",
        "StudentId",
        "studnet_id",
        "student_idd",
        "sid ",
        "(student id)",
        "student\u00a0id",
        "student_id\u200b",
        "\ufeff\ufeffstudent_id",
        "stu\u00addent_id",
        "\uff53tudent_id",
    ],
)
def test_header_near_miss_is_one_finding_and_the_column_counts_as_present(tmp_path: Path, name: str) -> None:
    report = check(tmp_path, f"{name},name\n1,A\n", column("student_id", required=True, aliases=("sid",)), NAME)
    assert codes(report) == ["misnamed-column"]
    assert "'student_id'" in only(report, "misnamed-column").message
    assert report.errors == 1


def test_header_name_that_only_looks_right_says_so(tmp_path: Path) -> None:
    found = only(check(tmp_path, "student_id\u200b\n1\n", ID), "misnamed-column")
    assert "can't be seen" in found.message
    assert r"'student_id\u200b'" in found.message


def test_header_backslash_in_a_name_is_told_as_it_stands(tmp_path: Path) -> None:
    found = only(check(tmp_path, "student_id,a\\b\n1,2\n", ID), "extra-column")
    assert found.message == r"the column 'a\b' is not known here"


def test_header_two_names_for_one_column_bind_the_likelier_and_tell_the_other(tmp_path: Path) -> None:
    """Nobody knows which of them is meant: an error, never a silent choice."""
    report = check(tmp_path, "student-id,STUDENT_ID\nx,1\n", column("student_id", required=True, pattern="^1$"))
    assert codes(report) == ["misnamed-column", "duplicate-column"]
    assert "'student-id'" in only(report, "duplicate-column").message


def test_header_names_without_letters_are_not_each_other(tmp_path: Path) -> None:
    assert codes(check(tmp_path, "student_id,#\n1,2\n", ID, column("%"))) == ["extra-column"]


def test_header_of_hostile_names_is_matched_in_time(tmp_path: Path) -> None:
    """Thousands of long names, each nearly one of many columns that are missing, and a pattern that explodes."""
    many = [column(f"{'abcdefgh' * 8}{chr(97 + i)}", required=True) for i in range(20)]
    names = [f"{'abcdefgh' * 7}{'hgfedcba'[i % 8 :]}{chr(97 + i % 26) * (i % 8)}" for i in range(4_000)]
    names += ["a" * 400 + "!", "a" * 5_000 + "!"]
    report = check(tmp_path, "student_id," + ",".join(names) + "\n", ID, *many, column("(a+)+$", match="(a+)+$"))
    assert codes(report).count("header-only") == 1


def test_header_near_miss_of_an_optional_column_is_a_warning(tmp_path: Path) -> None:
    report = check(tmp_path, "student_id,NAME\n1,A\n", ID, NAME)
    assert only(report, "misnamed-column").severity is Severity.WARNING


def test_header_digit_makes_another_column(tmp_path: Path) -> None:
    report = check(tmp_path, "student_id,phone2\n1,2\n", ID, column("phone1", required=True))
    assert codes(report) == ["missing-column", "extra-column"]


def test_header_other_letters_make_another_column_while_nothing_is_missing(tmp_path: Path) -> None:
    report = check(tmp_path, "student_id,address\n1,2\n", ID, column("addresss"))
    assert codes(report) == ["extra-column"]


def test_header_alias_and_ignored_case_are_fine(tmp_path: Path) -> None:
    report = check(tmp_path, "SID\n1\n", column("student_id", aliases=("sid",)), header=HeaderRules(case=Case.IGNORE))
    assert codes(report) == []


def test_header_missing_required_column_is_one_error_for_all_rows(tmp_path: Path) -> None:
    report = check(tmp_path, "name\n" + "A\n" * 100, ID, NAME)
    assert (codes(report), report.errors) == (["missing-column"], 1)


@pytest.mark.parametrize(("extra", "expected"), [(Extra.IGNORE, []), (Extra.WARN, [1]), (Extra.ERROR, [1])])
def test_header_unknown_column_is_said_as_the_schema_wants(tmp_path: Path, extra: Extra, expected: list[int]) -> None:
    report = check(tmp_path, "student_id,x\n1,2\n", ID, header=HeaderRules(extra=extra))
    assert [finding.count for finding in report.findings] == expected
    assert report.errors == (extra is Extra.ERROR)


def test_header_repeated_column_is_an_error(tmp_path: Path) -> None:
    assert codes(check(tmp_path, "student_id,student_id\n1,2\n", ID)) == ["duplicate-column"]


def test_header_repeated_unknown_column_is_an_error(tmp_path: Path) -> None:
    report = check(tmp_path, "student_id,x,x\n1,2,3\n", ID, header=HeaderRules(extra=Extra.IGNORE))
    assert codes(report) == ["duplicate-column"]


def test_header_column_without_name_is_told_by_its_position(tmp_path: Path) -> None:
    [sample] = only(check(tmp_path, "student_id,,x\n1,,2\n", ID), "empty-header").samples
    assert sample.value == "column 2"


def test_header_each_column_without_a_name_is_told(tmp_path: Path) -> None:
    found = only(check(tmp_path, "student_id,,x,,\n1,,2,3,4\n", ID), "empty-header")
    assert (found.count, [sample.value for sample in found.samples]) == (3, ["column 2", "column 4", "column 5"])


def test_header_order_counts_only_where_strict(tmp_path: Path) -> None:
    assert codes(check(tmp_path, "name,student_id\nA,1\n", ID, NAME)) == []
    assert codes(check(tmp_path, "name,student_id\nA,1\n", ID, NAME, header=STRICT)) == ["column-order"]
    assert codes(check(tmp_path, "student_id,name\n1,A\n", ID, NAME, header=STRICT)) == []


def test_header_without_any_known_name_ends_the_reading(tmp_path: Path) -> None:
    assert codes(check(tmp_path, "1,A\n2,B\n", ID, NAME)) == ["missing-header"]


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_header_with_another_delimiter_says_which(tmp_path: Path, delimiter: str) -> None:
    assert codes(check(tmp_path, f"student_id{delimiter}name\n1{delimiter}A\n", ID, NAME)) == ["wrong-delimiter"]


def test_header_group_of_columns_takes_each_that_fits(tmp_path: Path) -> None:
    group = column("Contact [0-9]+ Email", match="Contact [0-9]+ Email", pattern="@")
    report = check(tmp_path, "student_id,Contact 1 Email,Contact 2 Email\n1,a@b,c\n", ID, group)
    assert [(finding.code, finding.column) for finding in report.findings] == [("pattern", "Contact 2 Email")]


def test_header_none_wanted_takes_columns_by_position(tmp_path: Path) -> None:
    report = check(tmp_path, "1,x\n2,3\n", ID, column("n", type="integer"), dialect=Dialect(header=False))
    assert [(finding.code, finding.line) for finding in report.findings] == [("type", 1)]


def test_header_none_wanted_and_one_sent_says_to_remove_it(tmp_path: Path) -> None:
    """`keep only the first header line` could not be followed."""
    report = check(tmp_path, "student_id,name\n1,A\n", ID, NAME, dialect=Dialect(header=False))
    found = only(report, "repeated-header")
    assert (codes(report), found.line) == (["repeated-header"], 1)
    assert found.message == "the row is a line of column names, expected no header line"
    assert found.advice == "remove the header line: this file is sent without one"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the file is empty, expected rows"),
        (b"\n\n", "the file begins with blank lines only, expected rows"),
        (b"x" * 2_000_000, "the line has no end within 1 MiB"),
        (b'"a\n', "a quote is opened and not closed, expected one more; reading goes on with the next line"),
        (b"a," * 6000 + b"\n", "the first line has 6001 cells, expected at most 5000"),
    ],
)
def test_header_none_wanted_nothing_is_said_of_one(tmp_path: Path, data: bytes, message: str) -> None:
    [found] = check(tmp_path, data, dialect=Dialect(header=False)).findings
    assert found.message == message
    assert "header line" not in found.advice.replace("no header line", "")


def test_header_behind_mark_and_blank_lines_is_found_on_its_line(tmp_path: Path) -> None:
    report = check(tmp_path, "\ufeff\n\nstudent_id,x\n1,\n", ID)
    assert only(report, "extra-column").line == 3
    assert only(report, "blank-line").count == 2


@pytest.mark.parametrize(
    ("data", "code", "said"),
    [
        (b'"student_id,name\n1,A\n', "unbalanced-quote", "header"),
        (b'"student_id"x,name\n1,A\n', "malformed-quote", "header"),
        (b"x" * 2_000_000, "line-too-long", "1 MiB"),
        (b"a," * 6000 + b"\n", "line-too-long", "6001 cells"),
        (b"", "empty-file", "empty"),
        (b"\xef\xbb\xbf", "empty-file", "empty"),
        (b"\n\n", "empty-file", "blank"),
    ],
)
def test_header_that_cannot_be_read_is_one_finding(tmp_path: Path, data: bytes, code: str, said: str) -> None:
    assert said in only(check(tmp_path, data, ID, NAME), code).message
    assert codes(check(tmp_path, data, ID, NAME)) == [code]


def test_distance_counts_swaps_as_one_edit() -> None:
    assert (edits("abcd", "abdc"), edits("", "ab"), edits("kitten", "sitting")) == (1, 2, 3)
    assert is_near("studnet_id", "student_id")
    assert not is_near("name", "email")


@pytest.mark.parametrize(
    ("name", "is_plain"), [(" id", True), ("id\t", True), ("\u00a0id", False), ("\u200bid", False)]
)
def test_header_name_between_spaces_is_told_so(tmp_path: Path, name: str, is_plain: bool) -> None:
    found = only(check(tmp_path, f"{name},n\n1,a\n", column("id", required=True), column("n")), "misnamed-column")
    assert ("between spaces" in found.message, "take away the spaces" in found.advice) == (is_plain, is_plain)
