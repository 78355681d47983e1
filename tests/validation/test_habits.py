"""A file that is written otherwise than its schema says: one finding that says how."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.validation.worlds import check, codes, column, only
from watcher.schema.model import Dialect, Extra, HeaderRules

COLUMNS = (column("student_id", required=True), column("first name"), column("school", aliases=("org",)))
SEMICOLON = "; they seem to be separated by a semicolon, expected a comma"
TAB = SEMICOLON.replace("semicolon", "tab")


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("student_id;first name;school", "a semicolon, expected a comma"),
        ('"student_id";"first name";"school"', "a semicolon"),
        ("student_id\tfirst name\torg", "a tab"),
        ("Student ID|First Name|Org", "a bar"),
        ("student_id;first name, or nickname;school", "a semicolon"),
        ("student_id;x,y;first name;school,z", "a semicolon"),
        ("student_id~first name~school", "a tilde"),
        ("student_id\x1ffirst name\x1fschool", "a unit separator"),
    ],
)
def test_habit_of_another_delimiter_is_told_once(tmp_path: Path, header: str, said: str) -> None:
    report = check(tmp_path, header + "\n1;2;3\n", *COLUMNS)
    assert codes(report) == ["wrong-delimiter"]
    assert said in only(report, "wrong-delimiter").message


def test_habit_of_another_quote_is_told_once(tmp_path: Path) -> None:
    report = check(tmp_path, "'student_id','first name','school'\n'1','a','b'\n", *COLUMNS)
    assert codes(report) == ["wrong-delimiter"]
    assert "apostrophes, expected quotation marks" in only(report, "wrong-delimiter").message


def test_habit_of_quotes_where_none_are_expected_is_told_once(tmp_path: Path) -> None:
    report = check(tmp_path, '"student_id","first name"\n"1","a"\n', *COLUMNS, dialect=Dialect(quote=None))
    assert "expected cells without quotes" in only(report, "wrong-delimiter").message
    assert codes(report) == ["wrong-delimiter"]


def test_habit_of_another_delimiter_and_quotes_is_told_in_one_finding(tmp_path: Path) -> None:
    """An export of commas and quotes for TAB and none was told of the commas, and of the quotes the next night."""
    report = check(tmp_path, '"student_id","first name"\n"1","a"\n', *COLUMNS, dialect=Dialect("\t", quote=None))
    assert codes(report) == ["wrong-delimiter"]
    found = only(report, "wrong-delimiter")
    assert found.message == (
        "the cells seem to be separated by a comma and to stand in quotation marks, "
        "expected a tab and cells without quotes"
    )
    assert found.advice == "export with the right delimiter, and with cells without quotes"


def test_habit_of_a_title_above_the_names_is_told_with_their_line(tmp_path: Path) -> None:
    report = check(tmp_path, "Export of today\n\nstudent_id,first name,school\n1,a,b\n", *COLUMNS)
    assert codes(report) == ["missing-header"]
    found = only(report, "missing-header")
    assert (found.line, found.message) == (1, "the column names stand on line 3, expected them on line 1")


@pytest.mark.parametrize(
    ("above", "names", "message", "advice"),
    [
        (
            "sep=,",
            "student_id,first name",
            "line 1 is a note for a spreadsheet; the column names stand on line 2, expected them on line 1",
            "export without the line above the column names (line 1)",
        ),
        (
            "sep=;",
            "student_id;first name",
            "line 1 is a note for a spreadsheet; the column names stand on line 2, expected them on line 1" + SEMICOLON,
            "export without the line above the column names (line 1), and with the right delimiter",
        ),
        (
            "Pupils\n",
            "student_id\tfirst name",
            "the column names stand on line 3, expected them on line 1" + TAB,
            "export without the lines above the column names (line 1 to 2), and with the right delimiter",
        ),
    ],
)
def test_habit_of_lines_above_the_names_is_told_with_the_delimiter(
    tmp_path: Path, above: str, names: str, message: str, advice: str
) -> None:
    [found] = check(tmp_path, f"{above}\n{names}\n", *COLUMNS).findings
    assert (found.code, found.message, found.advice) == ("missing-header", message, advice)


def test_habit_of_quotes_around_whole_lines_is_told_once(tmp_path: Path) -> None:
    report = check(tmp_path, '"student_id,first name,school"\n"1,""a"",b"\n', *COLUMNS)
    assert codes(report) == ["wrong-delimiter"]
    assert "in quotes as a whole" in only(report, "wrong-delimiter").message


@pytest.mark.parametrize("end", ["", "\n"])
@pytest.mark.parametrize("between", ["", " ", "\\n"])
def test_habit_of_lost_line_ends_is_told_once_without_a_value(tmp_path: Path, between: str, end: str) -> None:
    rows = [f"{i},Ada,Hill,x" for i in range(9)]
    report = check(tmp_path, between.join(["student_id,first name,school,more", *rows]) + end, *COLUMNS)
    assert codes(report) == ["line-too-long"]
    assert only(report, "line-too-long").message.startswith("the whole file is one line of 31 cells")


@pytest.mark.parametrize(
    "content",
    [
        "student_id,first name,school" + "".join(f",extra {i}" for i in range(60)) + "\n",
        "student_id,first name,school,,,,,,,,,,,,\n",
        "student_id,first name,school,a,a,a,a,a,a\n1,a,b,1,1,1,1,1,1\n",
        "student_id,first name,school,a,a,a,a,a,a,contact 1\n",
    ],
)
def test_habit_of_lost_line_ends_is_not_seen_in_a_long_header_line(tmp_path: Path, content: str) -> None:
    assert "line-too-long" not in codes(check(tmp_path, content, *COLUMNS))


@pytest.mark.parametrize(
    "header",
    ["student_id,first name,school", "student_id,first name;school", "student_id,a;b;c", 'student_id,"x;first name"'],
)
def test_habit_is_not_seen_in_a_header_that_is_split_rightly(tmp_path: Path, header: str) -> None:
    report = check(tmp_path, header + "\n" + ",".join("1" for _ in header.split(",")) + "\n", *COLUMNS)
    assert "wrong-delimiter" not in codes(report)


@pytest.mark.parametrize("delimiter", [";", "|", ":"])
def test_habit_is_not_seen_in_a_cell_that_lists_names(tmp_path: Path, delimiter: str) -> None:
    """Where no column need be there the file is right, and was rejected."""
    content = f"a,b,c\n1,x{delimiter}name{delimiter}note{delimiter}y,3\n"
    report = check(
        tmp_path, content, column("name"), column("note"), header=HeaderRules(extra=Extra.IGNORE, missing=Extra.WARN)
    )
    assert "missing-header" not in codes(report)


def test_habit_of_one_column_that_came_with_others_is_told(tmp_path: Path) -> None:
    assert codes(check(tmp_path, "id;name\n1;a\n", column("id", required=True))) == ["wrong-delimiter"]


def test_habit_of_a_file_that_no_column_describes_is_a_warning(tmp_path: Path) -> None:
    assert check(tmp_path, "a;b;c\n1;2;3\n").errors == 0
    assert codes(check(tmp_path, "a;b;c\n1;2;3\n")) == ["wrong-delimiter"]
    assert codes(check(tmp_path, "a;b,c\n1,2\n")) == []


def test_habit_in_a_header_that_cannot_be_split_is_an_error_without_columns_too(tmp_path: Path) -> None:
    assert check(tmp_path, '"a";"b"\n1;2\n').errors == 1


@pytest.mark.parametrize("line", ['"' + "x" * 200_000 + '";student_id', "\0;\0", "'" * 1000, ";" * 10_000, "\ud800;a"])
def test_habit_of_a_hostile_line_is_looked_for_in_vain(tmp_path: Path, line: str) -> None:
    assert check(tmp_path, line.encode("utf-8", "surrogatepass") + b"\n1\n", *COLUMNS).errors >= 1


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("1;Ana;5\n2;Ben;6\n", f"none of the 3 names{SEMICOLON}"),
        ("1\tAna\t5\n2\tBen\t6", f"none of the 3 names{TAB}"),
        ('1;"Ana; called Anna";5\n2;Ben;6\n', f"none of the 3 names{SEMICOLON}"),
        ("Santos, Ana;1;5;x\n", f"none of the 4 names{SEMICOLON}"),
        ("1;Ana;5\n2;Ben\n3;Eva;7\n", "the only name"),
        ("1,Ana;5\n2,Ben;6\n", "none of the 2 names"),
        ("Pupils of today\n", "the only name"),
        ("at 08:15:00\nat 09:15:00\n", "the only name"),
    ],
)
def test_habit_of_no_header_line_says_the_other_delimiter_too(tmp_path: Path, rows: str, said: str) -> None:
    """Who was told of the names alone wrote them, and was told of the delimiter the next night."""
    report = check(tmp_path, rows, *COLUMNS)
    assert codes(report) == ["missing-header"]
    names, _, delimiter = said.partition(";")
    found = only(report, "missing-header")
    assert found.message.startswith(names)
    assert found.message.partition(";")[2] == delimiter
    assert ("right delimiter" in found.advice) == bool(delimiter)


def test_habit_of_another_delimiter_under_one_known_name_is_not_told_as_no_header(tmp_path: Path) -> None:
    """One name of many is known: it would be wrong to say that none is."""
    assert "none of" not in str(check(tmp_path, "school;x;y\n1;2;3\n", *COLUMNS).findings)


def test_habit_of_rows_alone_rejects_no_file_of_which_no_column_need_be_there(tmp_path: Path) -> None:
    free = HeaderRules(extra=Extra.IGNORE, missing=Extra.WARN)
    report = check(tmp_path, "x;y\n1;2\n3;4\n", column("status"), column("role"), header=free)
    assert (codes(report), report.errors) == (["missing-column", "missing-column"], 0)
