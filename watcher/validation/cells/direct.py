"""The keywords that say one simple thing of a text or a number, judged without the way through `jsonschema`.

Its verdicts, at a fifth of the cost: a file with an error in each of a million rows is to be judged in seconds. What is
not simple, or of which there is any doubt, is left to the library; the tests hold both against each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from watcher.schema.model import ColumnType
from watcher.validation.cells.formats import CHECKER
from watcher.validation.cells.matching import Matcher, NotMatchedInTimeError

#: Whether a value keeps a rule. May raise NotMatchedInTimeError.
Test = Callable[[Any], bool]


def direct_tests(
    schema: Mapping[str, Any], kind: ColumnType, matchers: dict[str, Matcher]
) -> tuple[tuple[str, Test], ...] | None:
    """A test for each keyword that a converted value of this type can break; None if one of them is not simple.

    The matcher of a pattern is taken from `matchers`, or put there.
    """
    tests: list[tuple[str, Test]] = []
    for keyword, expected in schema.items():
        if keyword == "type" and expected == kind:
            continue
        test = _test(keyword, expected, kind, matchers)
        if test is None:
            return None
        tests.append((keyword, test))
    return tuple(tests)


def _test(keyword: str, expected: Any, kind: ColumnType, matchers: dict[str, Matcher]) -> Test | None:
    if keyword == "pattern" and kind is ColumnType.STRING:
        return _matched(expected, matchers.setdefault(expected, Matcher(expected)))
    if keyword in ("enum", "const"):
        return _listed(expected if keyword == "enum" else [expected], kind)
    if kind is ColumnType.STRING:
        return _of_text(keyword, expected)
    if kind in (ColumnType.INTEGER, ColumnType.NUMBER):
        return _of_number(keyword, expected)
    return _of_list(keyword, expected) if kind is ColumnType.ARRAY else None


def _of_list(keyword: str, expected: Any) -> Test | None:
    match keyword:
        case "minItems":
            return lambda items: len(items) >= expected
        case "maxItems":
            return lambda items: len(items) <= expected
        case _:
            return None


def _listed(allowed: list[Any], kind: ColumnType) -> Test | None:
    """JSON's true is not 1, as Python has it; whole and decimal numbers are equal where their values are."""
    if kind is ColumnType.STRING:
        return frozenset(value for value in allowed if isinstance(value, str)).__contains__
    if kind in (ColumnType.INTEGER, ColumnType.NUMBER):
        numbers = [value for value in allowed if isinstance(value, int | float) and not isinstance(value, bool)]
        return frozenset(numbers).__contains__
    return None


def _of_text(keyword: str, expected: Any) -> Test | None:
    match keyword:
        case "minLength":
            return lambda text: len(text) >= expected
        case "maxLength":
            return lambda text: len(text) <= expected
        case "format" if expected in CHECKER.checkers:
            return CHECKER.checkers[expected][0]
        case _:
            return None


def _of_number(keyword: str, expected: Any) -> Test | None:
    """A bound that is no number at all (NaN) refuses nothing, as in the library."""
    match keyword:
        case "minimum":
            return lambda number: not number < expected
        case "maximum":
            return lambda number: not number > expected
        case "exclusiveMinimum":
            return lambda number: not number <= expected
        case "exclusiveMaximum":
            return lambda number: not number >= expected
        case _:
            return None


def _matched(pattern: str, matcher: Matcher) -> Test:
    def test(text: str) -> bool:
        found = matcher.found(text)
        if found is None:
            raise NotMatchedInTimeError(pattern)
        return found

    return test
