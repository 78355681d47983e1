"""Dates as vendors write them: `%m/%d/%Y` and the like, read strictly.

The directives are those of strptime that a date needs: %Y four digits, %y two (69-99 are 19xx), %m %d two digits,
%-m %-d one or two, %b %B an English month name, short or long. `strptime` itself is too lenient: it takes one digit
for two, and its month names change with the locale.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from functools import lru_cache

_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_DIRECTIVES = {
    "%Y": "(?P<year>[0-9]{4})",
    "%y": "(?P<short_year>[0-9]{2})",
    "%m": "(?P<month>[0-9]{2})",
    "%-m": "(?P<month>[0-9]{1,2})",
    "%d": "(?P<day>[0-9]{2})",
    "%-d": "(?P<day>[0-9]{1,2})",
    "%b": "(?P<month_name>[A-Za-z]{3})",
    "%B": "(?P<month_name>[A-Za-z]{3,9})",
}
_DIRECTIVE = re.compile(r"%-?[A-Za-z%]")
_FIRST_SHORT_YEAR = 69  # as POSIX has it


def problem_with_format(pattern: str) -> str | None:
    """What is wrong with a date format, None if nothing."""
    used = _DIRECTIVE.findall(pattern)
    unknown = [directive for directive in used if directive not in _DIRECTIVES]
    if unknown:
        return f"{unknown[0]!r} is not known here; use {', '.join(_DIRECTIVES)}"
    parts = sorted(directive.strip("%-").lower().replace("b", "m") for directive in used)
    if parts != ["d", "m", "y"]:
        return f"{pattern!r} must name year, month and day once each, as in '%m/%d/%Y'"
    return None


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> tuple[re.Pattern[str], bool]:
    """The strict pattern of a date format, and whether its month names are short ones."""
    text, at = "", 0
    for found in _DIRECTIVE.finditer(pattern):
        text += re.escape(pattern[at : found.start()]) + _DIRECTIVES[found.group()]
        at = found.end()
    return re.compile(text + re.escape(pattern[at:])), "%b" in pattern


def read_date(text: str, formats: tuple[str, ...]) -> date | None:
    """The date that a text means in the first format that fits; None if there is none, or no such day."""
    for pattern in formats:
        compiled, short_names = _compiled(pattern)
        if found := compiled.fullmatch(text):
            parts = found.groupdict()
            try:
                return date(_year(parts), _month(parts, short_names=short_names), int(parts["day"]))
            except ValueError:
                continue
    return None


def read_moment(text: str) -> datetime | None:
    """The moment in UTC that a date-time of RFC 3339 means; None if it is none of the years 1 to 9999 there."""
    try:
        return datetime.fromisoformat(text.strip().upper()).astimezone(UTC)  # RFC 3339 has `z` too
    except (ValueError, OverflowError):
        return None


def _year(parts: dict[str, str]) -> int:
    if "year" in parts:
        return int(parts["year"])
    short = int(parts["short_year"])
    return short + (1900 if short >= _FIRST_SHORT_YEAR else 2000)


def _month(parts: dict[str, str], *, short_names: bool) -> int:
    """The month's number; 0, which is no month, for a word that is none."""
    if "month" in parts:
        return int(parts["month"])
    word = parts["month_name"].lower()
    names = [name[:3] for name in _MONTHS] if short_names else list(_MONTHS)
    return names.index(word) + 1 if word in names else 0
