"""The formats that can really be checked here. A format without a checker would pass everything, in silence."""

from __future__ import annotations

from jsonschema import Draft202012Validator, FormatChecker

from watcher.schema.dates import read_moment

_LIBRARY: FormatChecker = Draft202012Validator.FORMAT_CHECKER


def known_formats() -> tuple[str, ...]:
    """The names of the formats that have a checker installed."""
    return tuple(sorted(CHECKER.checkers))


def is_checked(name: str) -> bool:
    """Whether a declared format is judged at all."""
    return name in CHECKER.checkers


def is_beyond_calendar(text: str) -> bool:
    """Whether a text is written as a date-time must be, and the moment lies outside the years 1 to 9999 in UTC.

    No data frame and no database could hold it: `9999-12-31T23:59:59-05:00`.
    """
    return _LIBRARY.conforms(text, "date-time") and read_moment(text) is None


def _checker() -> FormatChecker:
    """The library's checkers; a moment must have its place in the calendar besides."""
    checker = FormatChecker(formats=())
    checker.checkers.update(_LIBRARY.checkers)
    checker.checkers["date-time"] = (_is_moment, ())
    return checker


def _is_moment(instance: object) -> bool:
    return not isinstance(instance, str) or (
        _LIBRARY.conforms(instance, "date-time") and read_moment(instance) is not None
    )


#: The checker whose verdict counts, everywhere.
CHECKER: FormatChecker = _checker()
