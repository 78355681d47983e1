"""Finds, for each rule of a column, a value that breaks it and as little else as can be.

Whether it does is asked of the `jsonschema` library itself, so that a test compares two judges.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.validation.library import Library
from watcher.schema.keywords import untitled
from watcher.schema.model import Column, ColumnType
from watcher.validation.cells.wording import CODE_OF_KEYWORD

_WORDS = (
    "x",
    "zz zz",
    "no such value",
    "-1",
    "0",
    "1",
    "1.5",
    "99999999999",
    "2026-13-45",
    "2026-02-01",
    "~~",
    "Z",
    "é",
    "a\r\nb",
)
_LIMITS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "const")


@dataclass(frozen=True, slots=True)
class Break:
    """A value that breaks a rule; `codes` are all that the library finds wrong with it."""

    value: str
    codes: frozenset[str]


def rules_of(column: Column) -> tuple[str, ...]:
    """The codes of the rules that a cell of this column can break, each once; an empty cell is none of them."""
    codes = list(_keyword_codes(untitled(column.judged_by)))
    if column.formats:
        codes = ["format", *codes]
    elif column.value_type is not ColumnType.STRING:
        codes = ["type", *codes]
    return tuple(dict.fromkeys(codes))


def breaking(column: Column, code: str, cell: str) -> Break | None:
    """A value in place of a good cell that breaks this rule, the fewest others with it; None if none was found."""
    library = Library(column)
    found = (Break(value, frozenset(library.codes(value))) for value in _candidates(column, cell) if value != cell)
    return min((each for each in found if code in each.codes), key=lambda each: len(each.codes), default=None)


def _keyword_codes(rules: Mapping[str, Any]) -> Iterator[str]:
    for keyword, value in rules.items():
        if keyword == "items":
            yield from _keyword_codes(value)
        elif keyword == "allOf":
            for inner in value:
                yield from _keyword_codes(inner)
        elif keyword != "type":
            yield CODE_OF_KEYWORD[keyword]


def _candidates(column: Column, cell: str) -> Iterator[str]:
    """Values to try, without an empty one, a line break or blanks at an end."""
    sample = column.example or cell or "x"
    tried = dict.fromkeys((*_mutations(sample), *_WORDS, *_lengths(column.judged_by, sample)))
    for value in tried:
        yield from (value.strip(), *_lists(column, value, sample))


def _mutations(text: str) -> Iterator[str]:
    yield from (text + "x", "x" + text, text + "~", text[:-1] or "x", text.swapcase(), text + " x", text * 2)


def _lengths(rules: Any, sample: str) -> Iterator[str]:
    """Texts just too long or too short, and numbers just outside their bounds, for each limit however deep."""
    if isinstance(rules, list):
        for each in rules:
            yield from _lengths(each, sample)
    if not isinstance(rules, Mapping):
        return
    for keyword, value in rules.items():
        if keyword in ("maxLength", "minLength"):
            length = value + (1 if keyword == "maxLength" else -1)
            local, at, domain = sample.partition("@")
            yield from (("a" * length), ("1" * length), ("A" * length))
            yield local[:1] * max(length - len(at + domain), 1) + at + domain
            yield sample[:length] if keyword == "minLength" else sample + sample[-1] * (length - len(sample))
        elif keyword in _LIMITS and isinstance(value, int | float) and not isinstance(value, bool):
            yield from (str(value), str(value - 1), str(value + 1), str(value + value / 2))
        elif isinstance(value, Mapping | list):
            yield from _lengths(value, sample)


def _lists(column: Column, value: str, sample: str) -> Iterator[str]:
    """Lists with the value in them, too long and too short ones, ones with a value twice."""
    if column.type is not ColumnType.ARRAY:
        return
    first = sample.split(column.separator, maxsplit=1)[0]
    most = column.judged_by.get("maxItems", 0)
    yield from (column.separator.join((first, each)) for each in (value, first, ""))
    yield first
    if column.is_nested:
        yield column.inner_separator.join((first, value))
    if most:
        yield column.separator.join(f"{first}{i}" for i in range(most + 1))
        yield column.separator.join([first] * (most + 1))
