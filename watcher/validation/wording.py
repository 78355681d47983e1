"""Says in plain words which rule of a column a value breaks: the rule, never the value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from watcher.schema.model import Column, ColumnType
from watcher.text import printable

_LISTED = 12
_LIMIT = 200

#: JSON Schema's keyword -> our code.
CODE_OF_KEYWORD = {
    "type": "type",
    "enum": "enum",
    "const": "const",
    "pattern": "pattern",
    "minLength": "min-length",
    "maxLength": "max-length",
    "minimum": "minimum",
    "maximum": "maximum",
    "exclusiveMinimum": "exclusive-minimum",
    "exclusiveMaximum": "exclusive-maximum",
    "multipleOf": "multiple-of",
    "format": "format",
}

_TYPES = {
    ColumnType.INTEGER: ("not a whole number", "write digits only, without spaces or separators"),
    ColumnType.NUMBER: ("not a number", "write digits with a point for decimals, without spaces or separators"),
    ColumnType.BOOLEAN: ("neither true nor false", "write true or false"),
}
_FORMATS = {
    "date": ("not a date", "write year-month-day, like 2012-03-30, a day that exists"),
    "date-time": ("not a date with time", "write it like 2012-03-30T08:15:00Z"),
    "time": ("not a time", "write it like 08:15:00Z"),
    "email": ("not an e-mail address", "write it like name@example.org"),
    "uri": ("not a web address", "write it with its scheme, like https://example.org/"),
    "uuid": ("not a UUID", "write 32 hexadecimal digits in five groups"),
}
_TEXTS = {
    "minLength": "shorter than {} characters",
    "maxLength": "longer than {} characters",
    "minimum": "less than {}",
    "maximum": "greater than {}",
    "exclusiveMinimum": "not greater than {}",
    "exclusiveMaximum": "not less than {}",
    "multipleOf": "not a multiple of {}",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that a cell broke. `advice` None: that of the code."""

    code: str
    message: str
    advice: str | None = None


def type_rule(column: Column) -> Rule:
    """The rule that a cell's text must be of its column's type."""
    found, advice = _TYPES.get(column.item_type, ("not text", None))
    return Rule("type", f"{_subject(column)} {found}, expected type {column.item_type}", _example(column) or advice)


def rule(keyword: str, expected: Any, column: Column) -> Rule:
    """The rule behind a keyword of a column's JSON Schema."""
    message, advice = _worded(keyword, expected, column)
    return Rule(CODE_OF_KEYWORD[keyword], printable(f"{_subject(column)} {message}", _LIMIT), advice)


def _worded(keyword: str, expected: Any, column: Column) -> tuple[str, str | None]:
    match keyword:
        case "enum":
            return f"not one of the allowed values, expected {_listed(expected)}", None
        case "const":
            return f"not the allowed value, expected {expected!r}", None
        case "pattern":
            return f"not of the expected form, pattern '{expected}'", _example(column)
        case "format":
            return _format(str(expected), column)
        case _:
            return f"{_TEXTS[keyword].format(expected)}", None


def _format(name: str, column: Column) -> tuple[str, str | None]:
    found, advice = _FORMATS.get(name, (f"not in the format {name}", None))
    if column.formats:
        advice = f"write it as {' or '.join(map(_letters, column.formats))}, a day that exists"
        return f"{found} as {' or '.join(map(_letters, column.formats))}", advice
    return f"{found}, expected format {name}", advice


_LETTERS: Mapping[str, str] = {
    "%Y": "YYYY", "%y": "YY", "%m": "MM", "%-m": "M", "%d": "DD", "%-d": "D", "%b": "Mon", "%B": "Month",
}  # fmt: skip


def _letters(pattern: str) -> str:
    """`MM/DD/YYYY` for `%m/%d/%Y`."""
    for directive, letters in _LETTERS.items():
        pattern = pattern.replace(directive, letters)
    return pattern


def _subject(column: Column) -> str:
    return "an item of the value is" if column.type is ColumnType.ARRAY else "the value is"


def _example(column: Column) -> str | None:
    return f"write it like {column.example}" if column.example else None


def _listed(values: list[Any]) -> str:
    """`KG, 01, 02 and 11 more`."""
    texts = [str(value).lower() if isinstance(value, bool) else str(value) for value in values]
    more = len(texts) - _LISTED
    return ", ".join(texts[:_LISTED]) + (f" and {more} more" if more > 0 else "")
