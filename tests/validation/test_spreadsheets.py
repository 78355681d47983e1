"""Values that went through a spreadsheet: the advice names the cause."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.validation.worlds import check, column, only

NUMBER = {"pattern": "^[0-9]{5}$", "example": "00123", "required": True}


@pytest.mark.parametrize(
    ("about", "values", "said"),
    [
        (NUMBER, ['"=""00123"""', '"=""00124"""'], "the value alone, without = and its quotes"),
        (NUMBER, ["1.23E+05", "1,2e+11"], "a spreadsheet has shortened the number"),
        (NUMBER, ["123", "7"], "zeros at the beginning are lost; write it like 00123"),
        (NUMBER, ["00123 ", "\u00a000124"], "take away the spaces before"),
        ({"not": {"pattern": r"[\r\n]"}}, ["a\n", "\r\nb"], "take away the line breaks before"),
        ({"not": {"pattern": r"[\r\n]"}}, ["a\n "], "take away the spaces and line breaks before"),
        ({"anyOf": [{"format": "date-time"}, {"format": "date"}]}, ["41000"], "as a number of days"),
        ({"format": "date"}, ["########"], "too narrow"),
        ({"format": "date"}, ["41000", "45321"], "as a number of days"),
        ({"format": "date", "formats": ("%m/%d/%Y",)}, ["41000"], "as a number of days"),
        ({"format": "date", "formats": ("%m%d%y",), "example": "090126"}, ["10226"], "zeros at the beginning are lost"),
        ({"type": "number"}, ["#REF!", "#N/A"], "a formula failed"),
        ({"type": "number"}, ["NULL", "n/a"], "leave the cell empty"),
        ({"enum": ["K-2", "3-5"]}, ["5-Mar", "Mar-05"], "taken the value for a date"),
        ({"enum": ["01", "02", "11"]}, ["1", "2"], 'did you mean "01" or "02"?'),
    ],
)
def test_advice_names_what_a_spreadsheet_did(
    tmp_path: Path, about: dict[str, Any], values: list[str], said: str
) -> None:
    cells = [value if value.startswith('"') else f'"{value}"' for value in values]
    report = check(tmp_path, "n\n" + "\n".join(cells) + "\n", column("n", **about))
    [found] = report.findings
    assert (found.count, said in found.advice) == (len(values), True)


@pytest.mark.parametrize(
    ("about", "values"),
    [
        (NUMBER, ["1.23E+05", "A"]),
        (NUMBER, ["123456"]),
        (NUMBER, ["00123x "]),
        (NUMBER, ["NULL"]),
        ({**NUMBER, "example": "12345"}, ["123"]),
        ({"format": "date"}, ["5-Mar"]),
        ({"format": "date-time"}, ["5-Mar"]),
        ({"format": "date", "formats": ("%m%d%y",), "example": "120126"}, ["10226"]),
        ({"anyOf": [{"format": "date-time"}, {"format": "date"}]}, ["5-Mar"]),
        ({**NUMBER, "required": False, "blank": True}, ["00123 "]),
        ({**NUMBER, "required": False, "blank": True}, ["123"]),
        ({"format": "date"}, ["99999"]),
    ],
)
def test_advice_is_the_usual_one_where_values_show_no_single_cause(
    tmp_path: Path, about: dict[str, Any], values: list[str]
) -> None:
    report = check(tmp_path, "n\n" + "\n".join(values) + "\n", column("n", **about))
    usual = check(tmp_path, "n\nx\n", column("n", **about))
    assert only(report, report.findings[0].code).advice == usual.findings[0].advice
