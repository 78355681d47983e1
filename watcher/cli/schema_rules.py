"""A column's type, rules and reference in words, for the table that `epoch-watcher schema show` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from watcher.text import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from watcher.schema import Column

_MISSING = {"ignore": "may be left out", "warn": "a warning if it is left out", "error": "an error if it is left out"}


def type_in_words(column: Column) -> str:
    """`integer`, `string list`, `string list of lists`."""
    if column.is_nested:
        return f"{column.value_type} list of lists"
    return column.type.value if column.type == column.item_type else f"{column.item_type} list"


def rules_in_words(column: Column) -> Iterator[str]:
    """Every rule of a column's values, in the schema's order, then what else holds for it."""
    from watcher.validation.cells.describing import described, listed

    if column.blank:
        yield "must be empty"
    for keyword, expected in column.judged_by.items():
        if keyword == "items":
            yield from _items(expected, "each list" if column.is_nested else "each")
            yield from _items(expected.get("items", {}), "each value")
        elif keyword == "format" and column.formats:
            yield f"a date as {_dates(column)}"
        elif keyword != "type":
            yield described({keyword: expected})
    if column.type.value == "array":
        yield f"separated by {quoted(column.separator)}" + (
            f", then by {quoted(column.inner_separator)}" if column.is_nested else ""
        )
    if column.true_values or column.false_values:
        yield f"true is {listed(column.true_values)}, false is {listed(column.false_values)}"
    if column.unique:
        yield "no value on two rows"
    if column.nulls:
        yield f"{listed(column.nulls)} count as empty"
    if column.aliases:
        yield f"may be called {', '.join(column.aliases)}"
    if column.missing is not None:
        yield _MISSING[column.missing]
    if column.severity.value != "error":
        yield f"a breach is a {column.severity}"


def reference_in_words(column: Column) -> str:
    """`orgs.sourcedId where type is school or district`; nothing for a column that refers to none."""
    reference = column.references
    if reference is None:
        return ""
    where = " and ".join(f"{name} is {' or '.join(texts)}" for name, texts in reference.where)
    return f"{reference}{f' where {where}' if where else ''}"


def _items(rules: Mapping[str, Any], which: str) -> Iterator[str]:
    from watcher.validation.cells.describing import described

    inner = described({key: value for key, value in rules.items() if key not in ("type", "items")})
    if inner != "any value":
        yield f"{which} {inner}"


def _dates(column: Column) -> str:
    from watcher.validation.cells.describing import date_letters

    return " or ".join(map(date_letters, column.formats))
