"""How exact a header line must be: missing columns, aliases, the place of groups, header lines without rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.validation.worlds import check, codes, column, only
from watcher.model.findings import Severity
from watcher.model.report import Report
from watcher.schema.model import Case, Column, Extra, HeaderRules, Order

ID = column("id", required=True)
NAME = column("name", aliases=("label",), minLength=2)
AGE = column("age")
GROUP = column(r"metadata\..+", match=r"metadata\..+")
EXACT = HeaderRules(order=Order.STRICT, extra=Extra.ERROR, missing=Extra.ERROR, aliases=Extra.ERROR)
_SEVERITIES = [(Extra.IGNORE, None), (Extra.WARN, Severity.WARNING), (Extra.ERROR, Severity.ERROR)]


def with_header(folder: Path, names: str, *columns: Column, **rules: Any) -> Report:
    """The report on a file with this header line and one row, in which each cell is `ab`."""
    row = ",".join("ab" for _ in names.split(","))
    return check(folder, f"{names}\n{row}\n", *columns, header=HeaderRules(**rules))


def severities(report: Report) -> list[tuple[str, str | None, Severity]]:
    return [(finding.code, finding.column, finding.severity) for finding in report.findings]


# columns that are not there


@pytest.mark.parametrize(("missing", "severity"), _SEVERITIES)
def test_header_missing_column_weighs_what_the_header_says(
    tmp_path: Path, missing: Extra, severity: Severity | None
) -> None:
    report = with_header(tmp_path, "id,name", ID, NAME, AGE, missing=missing)
    assert severities(report) == ([] if severity is None else [("missing-column", "age", severity)])


@pytest.mark.parametrize(("own", "severity"), _SEVERITIES)
def test_header_missing_column_weighs_what_the_column_says_first(
    tmp_path: Path, own: Extra, severity: Severity | None
) -> None:
    report = with_header(tmp_path, "id,name", ID, NAME, column("age", missing=own), missing=Extra.ERROR)
    assert severities(report) == ([] if severity is None else [("missing-column", "age", severity)])


def test_header_missing_required_column_is_an_error_whatever_is_said(tmp_path: Path) -> None:
    for own in (None, Extra.IGNORE, Extra.WARN):
        report = with_header(tmp_path, "name", column("id", required=True, missing=own), NAME, missing=Extra.IGNORE)
        assert severities(report) == [("missing-column", "id", Severity.ERROR)]


STATUS = column("status", required=True, severity=Severity.WARNING, enum=["ab"])


@pytest.mark.parametrize("own", [STATUS, column("status", missing=Extra.WARN)])
def test_header_that_names_no_column_is_a_warning_where_others_are_free_and_each_missing_one_is_told(
    tmp_path: Path, own: Column
) -> None:
    """A template of one column, and a file of a kind that it does not know."""
    report = with_header(tmp_path, "old_id,new_id", own, extra=Extra.IGNORE)
    assert severities(report) == [("missing-column", "status", Severity.WARNING)]
    assert (report.files[0].rows, report.files[0].used_rows) == (1, 1)


@pytest.mark.parametrize(
    ("columns", "extra"),
    [
        ((STATUS,), Extra.WARN),
        ((STATUS, AGE), Extra.IGNORE),
        ((STATUS, ID), Extra.IGNORE),
        ((STATUS, GROUP), Extra.IGNORE),
    ],
)
def test_header_that_names_no_column_is_no_header_otherwise(
    tmp_path: Path, columns: tuple[Column, ...], extra: Extra
) -> None:
    """A first row that was taken for the header line would be lost without a word."""
    report = with_header(tmp_path, "u1,u2", *columns, extra=extra)
    assert severities(report) == [("missing-header", None, Severity.ERROR)]


def test_header_of_a_free_file_is_still_looked_for_behind_another_delimiter_and_further_down(tmp_path: Path) -> None:
    for text, code in (
        ("identifier;status\nx;ab\n", "wrong-delimiter"),
        ("Export,of users\na,status\nx,ab\n", "missing-header"),
    ):
        report = check(tmp_path, text, STATUS, header=HeaderRules(extra=Extra.IGNORE))
        assert severities(report) == [(code, None, Severity.ERROR)]


def test_header_missing_group_is_never_missed(tmp_path: Path) -> None:
    assert codes(with_header(tmp_path, "id", ID, GROUP, missing=Extra.ERROR)) == []


def test_header_slip_in_a_column_that_would_be_missed_is_one_finding(tmp_path: Path) -> None:
    report = with_header(tmp_path, "id,adress", ID, column("address"), missing=Extra.ERROR)
    assert severities(report) == [("misnamed-column", "address", Severity.ERROR)]
    report = with_header(tmp_path, "id,adress", ID, column("address"), missing=Extra.WARN)
    assert severities(report) == [("misnamed-column", "address", Severity.WARNING)]


# aliases


@pytest.mark.parametrize(("aliases", "severity"), _SEVERITIES)
def test_header_alias_weighs_what_the_header_says_and_its_cells_are_judged(
    tmp_path: Path, aliases: Extra, severity: Severity | None
) -> None:
    report = check(tmp_path, "id,label\n1,x\n", ID, NAME, header=HeaderRules(aliases=aliases))
    told = [] if severity is None else [("misnamed-column", "name", severity)]
    assert severities(report) == [*told, ("min-length", "name", Severity.ERROR)]


def test_header_alias_says_how_to_call_the_column(tmp_path: Path) -> None:
    finding = only(with_header(tmp_path, "id,label", ID, NAME, aliases=Extra.WARN), "misnamed-column")
    assert finding.message == "found the column name 'label', expected 'name'"
    assert "rename the column to name" in finding.advice
    assert finding.line == 1


def test_header_name_in_another_case_is_no_alias(tmp_path: Path) -> None:
    assert codes(with_header(tmp_path, "ID,Name", ID, NAME, aliases=Extra.ERROR, case=Case.IGNORE)) == []
    assert codes(with_header(tmp_path, "id,LABEL", ID, NAME, aliases=Extra.WARN, case=Case.IGNORE)) == [
        "misnamed-column"
    ]


def test_header_name_and_alias_together_are_a_column_that_stands_twice(tmp_path: Path) -> None:
    assert codes(with_header(tmp_path, "id,name,label", ID, NAME, aliases=Extra.ERROR)) == ["duplicate-column"]


# order


def test_header_columns_of_a_group_listed_last_stand_to_the_right(tmp_path: Path) -> None:
    columns = (ID, NAME, GROUP)
    assert codes(with_header(tmp_path, "id,name,metadata.b,metadata.a", *columns, order=Order.STRICT)) == []
    report = with_header(tmp_path, "id,metadata.b,metadata.a,name", *columns, order=Order.STRICT)
    assert severities(report) == [("column-order", "metadata.b", Severity.ERROR)]
    assert "found 'metadata.b', expected it to the right of 'name'" in only(report, "column-order").message
    assert codes(with_header(tmp_path, "metadata.b,id,name", *columns)) == []


def test_header_columns_of_a_group_listed_elsewhere_stand_anywhere(tmp_path: Path) -> None:
    assert codes(with_header(tmp_path, "metadata.b,id,metadata.a,name", ID, GROUP, NAME, order=Order.STRICT)) == []


def test_header_names_and_groups_out_of_order_are_both_told(tmp_path: Path) -> None:
    report = with_header(tmp_path, "metadata.b,name,id", ID, NAME, GROUP, order=Order.STRICT)
    assert [(finding.code, finding.column) for finding in report.findings] == [
        ("column-order", None),
        ("column-order", "metadata.b"),
    ]


@pytest.mark.parametrize("names", ["id,name,age", "id,age", "id,name,age,metadata.x", "id,age,metadata.x"])
def test_header_exact_but_for_one_optional_column_in_the_middle(tmp_path: Path, names: str) -> None:
    """As the resource column of OneRoster 1.2's users: with it and without it the header is exact."""
    optional = column("name", missing=Extra.IGNORE)
    row = ",".join("1" for _ in names.split(","))
    assert codes(check(tmp_path, f"{names}\n{row}\n", ID, optional, AGE, GROUP, header=EXACT)) == []


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("id,age,name", ["column-order"]),
        ("id,name", ["missing-column"]),
        ("id,name,age,other", ["extra-column"]),
    ],
)
def test_header_exact_lets_nothing_else_pass(tmp_path: Path, names: str, expected: list[str]) -> None:
    row = ",".join("1" for _ in names.split(","))
    optional = column("name", missing=Extra.IGNORE)
    assert codes(check(tmp_path, f"{names}\n{row}\n", ID, optional, AGE, GROUP, header=EXACT)) == expected


# no rows


@pytest.mark.parametrize(("header_only", "severity"), _SEVERITIES)
def test_header_without_rows_weighs_what_the_schema_says(
    tmp_path: Path, header_only: Extra, severity: Severity | None
) -> None:
    report = check(tmp_path, "id,name\n", ID, NAME, header_only=header_only)
    assert severities(report) == ([] if severity is None else [("header-only", None, severity)])
