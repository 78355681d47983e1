"""One column of a file schema: what is wrong with it, and its value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from watcher.model.findings import Severity
from watcher.schema.dates import problem_with_format
from watcher.schema.keywords import judged_by, pattern_problem, value_problems
from watcher.schema.model import Column, ColumnType, Extra, Reference
from watcher.schema.problem import KeyPath, Problem

#: What means true and false where a boolean doesn't say.
TRUE_VALUES, FALSE_VALUES = ("true", "True", "TRUE"), ("false", "False", "FALSE")


def column(data: Mapping[str, Any]) -> Column:
    """The column of a sound mapping whose references are resolved."""
    true, false = _booleans(data)
    return Column(
        name=data.get("name") or data["match"],
        judged_by=judged_by(data),
        type=ColumnType(data.get("type", "string")),
        required=data.get("required", False),
        match=data.get("match"),
        aliases=tuple(data.get("aliases", ())),
        separator=data.get("separator", ","),
        severity=Severity(data.get("severity", "error")),
        formats=tuple(data.get("formats", ())),
        references=reference(data.get("references")),
        nulls=tuple(data.get("nulls", ())),
        true_values=true,
        false_values=false,
        unique=data.get("unique", False),
        missing=None if "missing" not in data else Extra(data["missing"]),
        blank=data.get("blank", False),
        inner_separator=data.get("items", {}).get("separator", ","),
        description=data.get("description", ""),
        example=data.get("example", ""),
        source=data.get("source", ""),
    )


def _booleans(data: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The texts for true and false, none if neither is written; one that is not written is as usual."""
    if "trueValues" not in data and "falseValues" not in data:
        return (), ()
    return tuple(data.get("trueValues", TRUE_VALUES)), tuple(data.get("falseValues", FALSE_VALUES))


def reference(written: str | Mapping[str, Any] | None) -> Reference | None:
    """`orgs.sourcedId`, or a mapping of `to` and `where`."""
    if written is None:
        return None
    if isinstance(written, str):
        written = {"to": written}
    file, _, name = written["to"].partition(".")
    where = {
        key: (texts,) if isinstance(texts, str) else tuple(texts) for key, texts in written.get("where", {}).items()
    }
    return Reference(file, name, tuple(where.items()))


def column_problems(data: Mapping[str, Any], at: KeyPath) -> Iterator[Problem]:
    """What no meta-schema can say of a column whose references are resolved."""
    if problem := pattern_problem(data.get("match", "")):
        yield Problem((*at, "match"), problem)
    if data.get("blank") and data.get("required"):
        yield Problem((*at, "blank"), "contradicts required; keep one of them")
    yield from own_problems(data, at)


def own_problems(data: Mapping[str, Any], at: KeyPath) -> Iterator[Problem]:
    """What is wrong with all that a shared definition can hold too."""
    if "separator" in data and data.get("type") != "array":
        yield Problem((*at, "separator"), "is only for type array; add type: array or remove it")
    items = data.get("items", {})
    if "separator" in items and items.get("type") != "array":
        yield Problem((*at, "items", "separator"), "is only for type array; add type: array or remove it")
    if items.get("type") == "array" and items.get("separator", ",") == data.get("separator", ","):
        yield Problem((*at, "items", "separator"), "is that of the outer list too; give each its own")
    yield from _date_problems(data, at)
    yield from _boolean_problems(data, at)
    yield from value_problems(data, at)
    for i, text in enumerate(data.get("nulls", ())):
        if text in (*data.get("enum", ()), *data.get("trueValues", ()), *data.get("falseValues", ())):
            yield Problem((*at, "nulls", i), f"{text!r} is an allowed value too; keep one")


def _date_problems(data: Mapping[str, Any], at: KeyPath) -> Iterator[Problem]:
    if "formats" in data and data.get("format") != "date":
        yield Problem((*at, "formats"), "is only for format date; add format: date or remove it")
    for i, pattern in enumerate(data.get("formats", ())):
        if problem := problem_with_format(pattern):
            yield Problem((*at, "formats", i), problem)


def _boolean_problems(data: Mapping[str, Any], at: KeyPath) -> Iterator[Problem]:
    """A text that means both true and false, or the texts of what is no boolean."""
    true, false = data.get("trueValues", TRUE_VALUES), data.get("falseValues", FALSE_VALUES)
    for key in ("trueValues", "falseValues"):
        if key in data and data.get("type") != "boolean":
            yield Problem((*at, key), "is only for type boolean; add type: boolean or remove it")
    if both := [text for text in true if text in false]:
        key = "falseValues" if "falseValues" in data else "trueValues"
        yield Problem((*at, key), f"{both[0]!r} means both true and false; keep one")
