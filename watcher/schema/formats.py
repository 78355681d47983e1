"""The formats that can really be checked here. A format without a checker would pass everything, in silence."""

from __future__ import annotations

from jsonschema import Draft202012Validator, FormatChecker

#: The checker whose verdict counts, everywhere.
CHECKER: FormatChecker = Draft202012Validator.FORMAT_CHECKER


def known_formats() -> tuple[str, ...]:
    """The names of the formats that have a checker installed."""
    return tuple(sorted(CHECKER.checkers))


def is_checked(name: str) -> bool:
    """Whether a declared format is judged at all."""
    return name in CHECKER.checkers
