"""Says in plain words which rule of a column a value breaks: the rule, never the value."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from watcher.schema.model import Column, ColumnType
from watcher.text import printable, quoted
from watcher.validation.cells.convert import BOOLEANS, booleans
from watcher.validation.cells.describing import FORMATS, date_letters, described, listed
from watcher.validation.cells.formats import LONGEST, is_beyond_calendar, is_too_long

_LIMIT = 240
#: How many allowed values an advice names.
_NAMED = 3

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
    "minItems": "min-items",
    "maxItems": "max-items",
    "uniqueItems": "unique-items",
    "anyOf": "any-of",
    "oneOf": "one-of",
    "not": "not",
}
#: The format of which no value may lie outside the calendar, whatever time zone it is told in.
_MOMENT = "date-time"
#: Only JSON Schema's `false` has no keyword: nothing fulfils it.
_NOTHING_FULFILS = "not"

_TYPES = {
    "integer": ("not a whole number", "write digits only, without spaces or separators"),
    "number": ("not a number", "write digits with a point for decimals, without spaces or separators"),
    "boolean": ("neither true nor false", "write true or false"),
    "string": ("not text", None),
}
_TEXTS = {
    "minLength": "shorter than {}",
    "maxLength": "longer than {}",
    "minimum": "less than {}",
    "maximum": "greater than {}",
    "exclusiveMinimum": "not greater than {}",
    "exclusiveMaximum": "not less than {}",
    "multipleOf": "not a multiple of {}",
}


class Part(StrEnum):
    """Which part of a cell a rule is about, as a message calls it."""

    #: all of it
    WHOLE = "the value"
    #: one item of a list; of a list of lists, one of the inner lists
    ITEM = "an item of the value"
    #: one value of an inner list
    INNER = "a value of an inner list"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that a cell broke. `advice` None: that of the code.

    All cells of a column that break it are told together, so that `message` must be true of each. A cell that breaks
    several rules of one code tells the first of them.
    `limited` is the format that the rule asks for, where a value may have it and still be refused by a limit of ours.
    """

    code: str
    message: str
    advice: str | None = None
    limited: str | None = None


def not_converted_rule(column: Column) -> Rule:
    """The rule that a cell's text must be of its column's type, or a date in one of its formats."""
    if column.formats:
        return rule("format", "date", column)
    message, advice = _type(str(column.value_type), column)
    return Rule("type", f"{_smallest_part(column)} is {message}", advice)


def not_in_time_rule() -> Rule:
    """The rule that a value must match its pattern, and within reasonable time."""
    message = "the value could not be matched in time, the pattern goes over it in too many ways"
    return Rule("pattern", message, "shorten the value, or ask for a simpler pattern")


def limit_advice(name: str, texts: Collection[str]) -> str | None:
    """The advice where a limit of ours on this format is all that is wrong with each of the texts; None elsewhere."""
    if texts and all(is_too_long(text, name) for text in texts):
        return "shorten the value"
    if texts and name == _MOMENT and all(is_beyond_calendar(text) for text in texts):
        return "write a moment inside these years, such as 9999-12-31T23:59:59Z"
    return None


def nearest_advice(allowed: tuple[str, ...], *, every: bool) -> str:
    """The advice where allowed values are near; `every`: of all the values that were found."""
    named = [f'"{printable(text, 60)}"' for text in allowed[:_NAMED]]
    meant = " or ".join((", ".join(named[:-1]), named[-1])) if named[1:] else named[0]
    rest = "write it exactly so" if every and len(allowed) <= _NAMED else "otherwise use one of the allowed values"
    return f"did you mean {meant}? {rest}"


def start_advice(start: str) -> str:
    """The advice where a value nearly begins as words of a sender's own must."""
    return f'a word of your own begins with "{printable(start, 60)}", exactly so; see which characters may follow'


def rule(keyword: str, expected: Any, column: Column, part: Part = Part.WHOLE, *, title: str = "") -> Rule:
    """The rule behind a keyword of the JSON Schema of a column's cells, or of a part of them.

    `title` is what stands beside the keyword to say in words what is asked.
    """
    message, advice = _worded(keyword, expected, column, part)
    if keyword == "pattern" and title:
        message = f"{part} is not of the expected form, expected {title}"
    code = CODE_OF_KEYWORD.get(keyword, _NOTHING_FULFILS)
    limited = expected if keyword == "format" and (expected == _MOMENT or expected in LONGEST) else None
    return Rule(code, printable(message, _LIMIT), None if advice is None else printable(advice, _LIMIT), limited)


def _worded(keyword: str, expected: Any, column: Column, part: Part) -> tuple[str, str | None]:
    a_list = "the list" if part is Part.WHOLE else "an inner list"
    match keyword:
        case "minItems":
            return f"{a_list} is shorter than {_counted(expected, 'value')}", None
        case "maxItems":
            return f"{a_list} is longer than {_counted(expected, 'value')}", None
        case "uniqueItems":
            return f"{a_list} has the same value twice, expected each once", None
        case "anyOf":
            message = f"{part} fits none of the allowed forms, expected {described({'anyOf': expected})}"
            return message, _example(column)
        case "oneOf":
            return f"{part} does not fit exactly one form, expected {described({'oneOf': expected})}", _example(column)
        case "not":
            return f"{part} is not allowed, expected anything but {described(expected)}", _example(column)
        case _:
            message, advice = _of_value(keyword, expected, column)
            return f"{part} is {message}", advice


def _of_value(keyword: str, expected: Any, column: Column) -> tuple[str, str | None]:
    match keyword:
        case "type":
            return _type(str(expected), column)
        case "enum":
            return f"not one of the allowed values, expected {listed(expected)}", None
        case "const":
            plain = listed((expected,))
            told = quoted(plain) if isinstance(expected, str) else plain
            return f"not the allowed value, expected {told}", f"write {plain}"
        case "pattern":
            return f"not of the expected form, pattern '{expected}'", _example(column)
        case "format":
            return _format(str(expected), column)
        case "minLength" | "maxLength":
            return _TEXTS[keyword].format(_counted(expected, "character")), None
        case "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf":
            return _TEXTS[keyword].format(expected), None
        case _:
            return "not allowed, the schema allows no value here", None


def _type(name: str, column: Column) -> tuple[str, str | None]:
    found, advice = _TYPES.get(name, (f"not of type {name}", None))
    if name == "boolean" and booleans(column) is not BOOLEANS:
        texts = listed([*column.true_values, *column.false_values])
        return f"none of the values for true and false, expected {texts}", f"write one of {texts}"
    return f"{found}, expected type {name}", _example(column) or advice


def _format(name: str, column: Column) -> tuple[str, str | None]:
    known = FORMATS.get(name)
    found = f"not {known.noun}" if known else f"not in the format {name}"
    if column.formats:
        letters = " or ".join(map(date_letters, column.formats))
        return f"{found} as {letters}", f"write it as {letters}, a day that exists"
    advice = known.advice if known else None
    if name == _MOMENT:
        return f"{found} in the years 1 to 9999 of UTC, expected format {name}", advice
    if name in LONGEST:
        most = f"{LONGEST[name]:,} characters"
        return f"{found}, or too long to be checked, expected format {name} in at most {most}", advice
    return f"{found}, expected format {name}", advice


def _smallest_part(column: Column) -> Part:
    """What a rule is about that every single value has to keep."""
    if column.is_nested:
        return Part.INNER
    return Part.ITEM if column.type is ColumnType.ARRAY else Part.WHOLE


def _example(column: Column) -> str | None:
    return f"write it like {column.example}" if column.example else None


def _counted(number: Any, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
