"""Regular expressions for dates as a column writes them: only days that exist, leap days and all."""

from __future__ import annotations

import re
from collections.abc import Mapping

from watcher.validation.cells.patterns import literal

_DIRECTIVE = re.compile(r"%-?[A-Za-z]")
#: Directives of no fixed length, after which something must stand that can't belong to them.
_LOOSE = frozenset({"%-m", "%-d", "%B"})
_NAMES = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_LONG, _SHORT, _FEBRUARY = (1, 3, 5, 7, 8, 10, 12), (4, 6, 9, 11), (2,)
_LEAP = "(?:[02468][048]|[13579][26])"
_YEARS = {"%Y": "[1-9][0-9]{3}", "%y": "[0-9]{2}"}
_LEAP_YEARS = {"%Y": "(?:[1-9][0-9](?:0[48]|[2468][048]|[13579][26])|(?:[2468][048]|[13579][26])00)", "%y": _LEAP}
#: Days of two digits up to 31, 30 and 28.
_DAYS = {31: "0[1-9]|[12][0-9]|3[01]", 30: "0[1-9]|[12][0-9]|30", 28: "0[1-9]|1[0-9]|2[0-8]", 29: "29"}


def date_form(formats: tuple[str, ...]) -> str | None:
    """A pattern, for Rust's engine, of texts that one of the formats reads as a date; None if that is not sure."""
    forms = [_form(pattern) for pattern in formats]
    sure = [form for form in forms if form is not None]
    return f"^(?:{'|'.join(sure)})$" if sure and len(sure) == len(forms) else None


def _form(pattern: str) -> str | None:
    if any(_is_vague(pattern, found) for found in _DIRECTIVE.finditer(pattern)):
        return None
    cases = (
        _written(pattern, _YEARS, _LONG, 31),
        _written(pattern, _YEARS, _SHORT, 30),
        _written(pattern, _YEARS, _FEBRUARY, 28),
        _written(pattern, _LEAP_YEARS, _FEBRUARY, 29),
    )
    return f"(?:{'|'.join(cases)})"


def _is_vague(pattern: str, found: re.Match[str]) -> bool:
    """Whether what follows a directive could be taken as part of it."""
    after = pattern[found.end() : found.end() + 1]
    return found.group() in _LOOSE and (after.isalnum() or after == "%")


def _written(pattern: str, years: Mapping[str, str], months: tuple[int, ...], last_day: int) -> str:
    text, at = "", 0
    for found in _DIRECTIVE.finditer(pattern):
        text += literal(pattern[at : found.start()]) + _directive(found.group(), years, months, last_day)
        at = found.end()
    return text + literal(pattern[at:])


def _directive(directive: str, years: Mapping[str, str], months: tuple[int, ...], last_day: int) -> str:
    match directive:
        case "%m":
            parts = "|".join(f"{month:02}" for month in months)
        case "%-m":
            parts = "|".join(f"0{month}|{month}" if month <= 9 else f"{month}" for month in months)  # noqa: PLR2004
        case "%b":
            parts = "|".join(_any_case(_NAMES[month - 1][:3]) for month in months)
        case "%B":
            parts = "|".join(_any_case(_NAMES[month - 1]) for month in months)
        case "%d":
            parts = _DAYS[last_day]
        case "%-d":
            parts = _DAYS[last_day] + ("" if last_day == 29 else "|[1-9]")  # noqa: PLR2004 (the leap day alone)
        case _:
            return years[directive]
    return f"(?:{parts})"


def _any_case(word: str) -> str:
    return "".join(f"[{letter.upper()}{letter}]" for letter in word)
