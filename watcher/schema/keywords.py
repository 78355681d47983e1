"""The keywords of JSON Schema that judge a cell: which there are, which type each is for, what a wrong one is."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from watcher.schema.formats import is_checked, known_formats
from watcher.schema.problem import KeyPath, Problem
from watcher.text import nearest

_FOR_TEXT = frozenset({"pattern", "minLength", "maxLength", "format"})
_FOR_NUMBERS = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"})
_FOR_ARRAYS = frozenset({"items", "minItems", "maxItems", "uniqueItems"})
_FOR_ALL_BUT_ARRAYS = frozenset({"enum", "const"})
#: Keywords that hold one set of rules, and those that hold a list of them.
SINGLE, LISTS = frozenset({"not"}), frozenset({"anyOf", "allOf", "oneOf"})
#: Every keyword that goes into a column's JSON Schema, `type` apart.
JUDGED = _FOR_TEXT | _FOR_NUMBERS | _FOR_ARRAYS | _FOR_ALL_BUT_ARRAYS | SINGLE | LISTS
#: The keyword that judges nothing: what a value of these rules is, in words.
TITLE = "title"
_PAIRS = (
    ("minLength", "maxLength"),
    ("minItems", "maxItems"),
    ("minimum", "maximum"),
)
_PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
}


def judged_by(rules: Mapping[str, Any], kind: str | None = "string") -> dict[str, Any]:
    """The JSON Schema in rules whose references are resolved, keywords in the order of the file.

    `kind` is the type where none is written; None for none.
    """
    written = rules.get("type", kind)
    schema: dict[str, Any] = {} if written is None else {"type": written}
    for keyword, value in rules.items():
        if keyword == "items":
            schema[keyword] = judged_by(value)
        elif keyword in SINGLE:
            schema[keyword] = judged_by(value, None)
        elif keyword in LISTS:
            schema[keyword] = [judged_by(each, None) for each in value]
        elif keyword in JUDGED or keyword == TITLE:
            schema[keyword] = value
    return schema


def untitled(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON Schema of a cell without its words, for those who look at what it judges."""
    return {keyword: _untitled(value) for keyword, value in schema.items() if keyword != TITLE}


def _untitled(value: Any) -> Any:
    if isinstance(value, Mapping):
        return untitled(value)
    return [_untitled(each) for each in value] if isinstance(value, list) else value


def value_problems(rules: Mapping[str, Any], at: KeyPath, kind: str = "string") -> Iterator[Problem]:
    """What is wrong with the rules of a value of type `kind`, unless they name a type of their own."""
    own = rules.get("type", kind)
    for keyword in rules:
        if keyword in JUDGED and (advice := _useless(keyword, own)):
            yield Problem((*at, keyword), f"says nothing about type {own}; {advice}")
    yield from plain_problems(rules, at)
    for i, value in enumerate(rules.get("enum", ())):
        yield from member_problems(value, own, (*at, "enum", i))
    if "const" in rules:
        yield from member_problems(rules["const"], own, (*at, "const"))
    for low, high in _PAIRS:
        if rules.get(low, 0) > rules.get(high, float("inf")):
            yield Problem((*at, high), f"is less than {low}, which nothing can fulfil; correct one of them")
    if "items" in rules:
        yield from value_problems(rules["items"], (*at, "items"))
    for keyword in (*sorted(SINGLE), *sorted(LISTS)):
        yield from _inner_problems(rules, keyword, own, at)


def _inner_problems(rules: Mapping[str, Any], keyword: str, kind: str, at: KeyPath) -> Iterator[Problem]:
    if keyword not in rules:
        return
    found = rules[keyword]
    parts = [((), found)] if keyword in SINGLE else [((i,), each) for i, each in enumerate(found)]
    for step, inner in parts:
        path: KeyPath = (*at, keyword, *step)
        own = inner.get("type", kind)
        if inner.keys() == {TITLE}:
            yield Problem((*path, TITLE), "says nothing without a rule beside it; add one")
        elif own != kind and {own, kind} != {"integer", "number"}:
            yield Problem((*path, "type"), f"the value is of type {kind}, and never of type {own}; remove it")
        else:
            yield from value_problems(inner, path, kind)


def plain_problems(rules: Mapping[str, Any], at: KeyPath) -> Iterator[Problem]:
    """What is wrong with a pattern or a format."""
    pattern, name = rules.get("pattern"), rules.get("format")
    if isinstance(pattern, str) and (problem := pattern_problem(pattern)):
        yield Problem((*at, "pattern"), problem)
    if isinstance(name, str) and not is_checked(name):
        yield Problem((*at, "format"), f"{name!r} cannot be checked here{hint(name, known_formats())}")


def _useless(keyword: str, kind: str) -> str | None:
    """What to do with a keyword that never judges a value of this type; None if it does."""
    if keyword in _FOR_ARRAYS:
        return None if kind == "array" else "add type: array or remove it"
    under_items = "put it under items" if kind == "array" else "change the type or remove it"
    if keyword in _FOR_TEXT:
        return None if kind == "string" else under_items
    if keyword in _FOR_NUMBERS:
        return None if kind in ("integer", "number") else under_items
    return under_items if kind == "array" and keyword in _FOR_ALL_BUT_ARRAYS else None


def member_problems(value: Any, kind: str, at: KeyPath) -> Iterator[Problem]:
    """A value of `enum` or `const` of another type: JSON Schema would never match it, in silence."""
    expected = _PYTHON_TYPES.get(kind, ())
    if expected and (not isinstance(value, expected) or (isinstance(value, bool) and kind != "boolean")):
        advice = "put it in quotes" if kind == "string" else f"write a value of type {kind}"
        yield Problem(at, f"{value!r} is not of type {kind}; {advice}")


def pattern_problem(pattern: str) -> str | None:
    """Why a regular expression can't be used; None if it can."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            re.purge()  # a pattern that was compiled before would not warn again
            re.compile(pattern)
    except re.error as error:
        return f"not a regular expression: {error.msg} at position {error.pos}"
    except (OverflowError, RecursionError):
        return "not a regular expression: it repeats or nests more than can be; make it simpler"
    except Warning as warning:
        return f"a regular expression that may change its meaning: {str(warning).lower()}; put a backslash before it"
    return None


def hint(word: str, candidates: Iterable[str]) -> str:
    """`; did you mean 'x'?`, or nothing."""
    found = nearest(word, candidates)
    return f"; did you mean {found!r}?" if found else ""
