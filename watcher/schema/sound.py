"""What is wrong with a file schema that no meta-schema can say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from watcher.schema.columns import column, column_problems
from watcher.schema.keywords import hint, pattern_problem
from watcher.schema.model import Picture
from watcher.schema.problem import Problem
from watcher.schema.rules import rule_problems, shape_problems
from watcher.schema.sound_skips import code_problems

#: What only a CSV file can have.
_NO_PICTURE = ("columns", "dialect", "header", "limits", "key", "rules", "absent", "header_only")


def rule_shape_problems(rules: Sequence[Mapping[str, Any]]) -> Iterator[Problem]:
    """Rules that are no JSON Schema."""
    for i, rule in enumerate(rules):
        yield from shape_problems(rule["schema"], ("rules", i, "schema"))


def file_problems(data: Mapping[str, Any]) -> Iterator[Problem]:
    """Everything else, of a mapping whose references are resolved."""
    columns: Sequence[Mapping[str, Any]] = data["columns"]
    yield from _name_problems(data, columns)
    for i, each in enumerate(columns):
        yield from column_problems(each, ("columns", i))
        if "match" in each and not data.get("dialect", {}).get("header", True):
            yield Problem(("columns", i, "match"), "nothing has a name without a header line; list the columns by name")
    names = [each["name"] for each in columns if "name" in each]
    for i, name in enumerate(data.get("key", ())):
        if name not in names:
            yield Problem(("key", i), f"{name!r} is not a column" + hint(name, names))
    yield from _dialect_problems(data.get("dialect", {}))
    within = data.get("absent")
    if isinstance(within, dict) and within["delete-within"] not in names:
        said = f"{within['delete-within']!r} is not a column" + hint(within["delete-within"], names)
        yield Problem(("absent", "delete-within"), said)
    yield from code_problems(data.get("skip_only", ()), ("skip_only",))
    if "picture" in data:
        yield from _picture_problems(data)


def all_rule_problems(data: Mapping[str, Any]) -> Iterator[Problem]:
    """What is wrong with the rules, once the columns are sound."""
    columns = [column(each) for each in data["columns"]]
    titles: set[str] = set()
    for i, rule in enumerate(data["rules"]):
        if rule["title"] in titles:
            yield Problem(("rules", i, "title"), f"{rule['title']!r} is there twice; give each rule its own")
        titles.add(rule["title"])
        yield from rule_problems(rule["schema"], ("rules", i, "schema"), columns)


def _picture_problems(data: Mapping[str, Any]) -> Iterator[Problem]:
    """A picture that is described as a CSV file too, or that no file can be."""
    for key in _NO_PICTURE:
        if data.get(key):
            yield Problem((key,), "says nothing about a picture; remove it, or remove picture")
    picture = data["picture"]
    if problem := pattern_problem(picture.get("name", "")):
        yield Problem(("picture", "name"), problem)
    if picture.get("min_bytes", 0) > picture.get("max_bytes", Picture().max_bytes):
        yield Problem(("picture", "min_bytes"), "is more than max_bytes, which no file can be; correct one of them")


def _name_problems(data: Mapping[str, Any], columns: Sequence[Mapping[str, Any]]) -> Iterator[Problem]:
    ignore_case = data.get("header", {}).get("case") == "ignore"
    seen: set[str] = set()
    for i, each in enumerate(columns):
        for name in (each["name"], *each.get("aliases", ())) if "name" in each else ():
            folded = name.casefold() if ignore_case else name
            if folded in seen:
                yield Problem(("columns", i, "name"), f"{name!r} names two columns; keep one")
            seen.add(folded)


def _dialect_problems(dialect: Mapping[str, Any]) -> Iterator[Problem]:
    marks = {"delimiter": dialect.get("delimiter", ","), "quote": dialect.get("quote", '"')}
    marks["escape"] = dialect.get("escape")
    for option, mark in marks.items():
        if len(mark or "x") != 1:
            yield Problem(("dialect", option), "must be one character")
    if marks["delimiter"] == marks["quote"]:
        yield Problem(("dialect", "quote"), "must differ from the delimiter")
    if marks["escape"] is not None and marks["escape"] in (marks["delimiter"], marks["quote"]):
        yield Problem(("dialect", "escape"), "must differ from the delimiter and the quote")
