"""Dates in the forms that vendors use."""

from __future__ import annotations

from datetime import date

import pytest

from watcher.schema.dates import problem_with_format, read_date

LEAP = date(2012, 2, 29)


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("%Y-%m-%d", "2012-02-29", LEAP),
        ("%m/%d/%Y", "02/29/2012", LEAP),
        ("%m/%d/%Y", "2/29/2012", None),
        ("%-m/%-d/%Y", "2/29/2012", LEAP),
        ("%-m/%-d/%y", "2/29/12", LEAP),
        ("%y%m%d", "690101", date(1969, 1, 1)),
        ("%y%m%d", "680101", date(2068, 1, 1)),
        ("%d %b %Y", "29 Feb 2012", LEAP),
        ("%d %B %Y", "29 FEBRUARY 2012", LEAP),
        ("%d %B %Y", "29 Feb 2012", None),
        ("%d %b %Y", "29 Foo 2012", None),
        ("%Y-%m-%d", "2013-02-29", None),
        ("%Y-%m-%d", "2012-02-29 ", None),
        ("%Y-%m-%d", "2012-02-29\n", None),
        ("%Y-%m-%d", "٢٠١٢-02-29", None),
        ("%d.%m.%Y", "29x02x2012", None),
    ],
)  # fmt: skip
def test_read_date_is_strict(pattern: str, text: str, expected: date | None) -> None:
    assert problem_with_format(pattern) is None
    assert read_date(text, (pattern,)) == expected


def test_read_date_first_format_that_has_such_a_day_wins() -> None:
    assert read_date("30/01/2012", ("%m/%d/%Y", "%d/%m/%Y")) == date(2012, 1, 30)


@pytest.mark.parametrize("pattern", ["%Y", "%Y-%m-%d %H", "%Y-%m-%d-%Y", "%Y-%j-%d", "", "%%"])
def test_problem_with_format_finds_what_is_no_whole_date(pattern: str) -> None:
    assert problem_with_format(pattern)
