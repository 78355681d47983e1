"""What a spreadsheet does to values on their way, told by the values: advice that goes to the cause.

A file that was opened in a spreadsheet and saved again holds numbers without their leading zeros, numbers as 1.23E+05,
dates as numbers of days, and what the program shows where a formula fails. Which rule such a value breaks says little.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from watcher.schema.model import Column, ColumnType
from watcher.schema.rules import subschemas

#: What all of the values look like -> what was done to them, and what to do.
_FORMS = (
    (re.compile(r'=".*"'), "the cells hold formulas; write the value alone, without = and its quotes"),
    (
        re.compile(r"[+-]?[0-9](?:[.,][0-9]+)?[Ee]\+[0-9]+"),
        "a spreadsheet has shortened the number, and digits are lost; export it again, as text and not as a number",
    ),
    (re.compile(r"#{3,}"), "the column was too narrow in a spreadsheet; make it wider there, or export again"),
    (
        re.compile(r"#(?:REF!|N/A|VALUE!|NAME\?|DIV/0!|NUM!|NULL!)"),
        "a formula failed in a spreadsheet; correct it there, or export again",
    ),
)
_DAYS = re.compile(r"[1-6][0-9]{4}")
_DAY_AND_MONTH = re.compile(r"(?:[0-9]{1,2}-[A-Z][a-z]{2}|[A-Z][a-z]{2}-[0-9]{2})")
_DATES = frozenset({"date", "date-time"})
_NOTHING = frozenset({"null", "none", "nan", "n/a", "na", "nil", "(null)", "-", "--"})


def spreadsheet_advice(texts: Sequence[str], column: Column, is_sound: Callable[[str], bool]) -> str | None:
    """The advice where all of these wrong values show the same cause; None elsewhere. A list's cells show none.

    `is_sound` judges another text for the column.
    """
    if not texts or column.type is ColumnType.ARRAY:
        return None
    for form, advice in _FORMS:
        if all(map(form.fullmatch, texts)):
            return advice
    if _is_date(column) and all(_is_days(text, is_sound) for text in texts):
        return "a spreadsheet has written the date as a number of days; give the cells a date format there"
    if not _is_date(column) and all(map(_DAY_AND_MONTH.fullmatch, texts)):
        return "a spreadsheet has taken the value for a date; export it again, and keep the column as text there"
    if not column.required and all(text.strip().casefold() in _NOTHING for text in texts):
        return "where there is no value leave the cell empty, without a word for it"
    if all(text != text.strip() and is_sound(text.strip()) for text in texts):
        return f"take away the {_around(texts)} before or behind the value"
    if all(_has_lost_zeros(text, column, is_sound) for text in texts):
        return f"zeros at the beginning are lost; write it like {column.example}, as text and not as a number"
    return None


def _is_date(column: Column) -> bool:
    """Whether a day or a moment may stand in the column, in one form of several too."""
    return bool(column.formats) or any(part.get("format") in _DATES for _, part in subschemas(column.judged_by, ()))


def _is_days(text: str, is_sound: Callable[[str], bool]) -> bool:
    """Whether a number may count days; 10226 may be 010226, of which a spreadsheet has taken the zero, just as well."""
    return _DAYS.fullmatch(text) is not None and not is_sound(f"0{text}")


def _around(texts: Sequence[str]) -> str:
    ends = [text.replace(text.strip(), "", 1) for text in texts]
    if not any("\n" in end or "\r" in end for end in ends):
        return "spaces"
    return "line breaks" if not any(end.strip("\r\n") for end in ends) else "spaces and line breaks"


def _has_lost_zeros(text: str, column: Column, is_sound: Callable[[str], bool]) -> bool:
    """Whether a number would be right with as many digits as the example, which begins with a zero as well."""
    example = column.example or ""
    is_number = text.isascii() and text.isdigit() and example.isascii() and example.isdigit()
    if not is_number or example[0] != "0" or len(text) >= len(example):
        return False
    return is_sound(text.zfill(len(example)))
