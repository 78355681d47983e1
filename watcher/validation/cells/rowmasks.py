"""Says of whole columns at once which rows surely keep a rule over several columns, and which surely break it.

A rule's JSON Schema becomes one expression in three-valued logic: true, false, and null for "not known here". So a
keyword that is not translated costs speed, never exactness: rows that are not surely right are judged one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import polars as pl

from watcher.schema.model import ColumnType
from watcher.validation.cells.cells import BoundColumn
from watcher.validation.cells.convert import booleans
from watcher.validation.cells.patterns import translate
from watcher.validation.cells.textmasks import pattern_mask

_TRUE, _FALSE = pl.lit(value=True), pl.lit(value=False)
_UNKNOWN = pl.lit(None, dtype=pl.Boolean)

#: Keywords that judge nothing. `then` and `else` are looked at beside their `if`.
_SILENT = frozenset({"then", "else", "title", "description", "$comment", "$defs", "default", "examples", "deprecated"})
_OF_TEXT = frozenset({"const", "enum", "pattern", "minLength", "maxLength", "format", "type"})
_OF_NUMBERS = frozenset({"const", "enum", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "type"})
_MORE_OF_NUMBERS = frozenset({"multipleOf"})
_OTHER = frozenset({"minItems", "maxItems", "uniqueItems", "items", "prefixItems", "contains"})

_Leaf = Callable[[str, Any], pl.Expr]


def keeps(schema: Any, columns: Mapping[str, BoundColumn]) -> pl.Expr:
    """Whether each row keeps the rule: true, false, or null where the row has to be judged by `jsonschema`.

    Args:
        schema: a JSON Schema over a row, an object of the converted values of its cells that are not empty.
        columns: the columns that the file has, by name; any other name is that of an absent property.
    """
    return _judged(schema, lambda keyword, expected: _row_keyword(keyword, expected, columns))


def _judged(schema: Any, leaf: _Leaf) -> pl.Expr:
    """What a schema says of a value, of which `leaf` knows all that does not combine other schemas."""
    if isinstance(schema, bool):
        return _TRUE if schema else _FALSE
    parts = [_keyword(keyword, schema, leaf) for keyword in schema if keyword not in _SILENT]
    return _all(parts)


def _keyword(keyword: str, schema: Mapping[str, Any], leaf: _Leaf) -> pl.Expr:
    expected = schema[keyword]
    match keyword:
        case "allOf":
            return _all([_judged(each, leaf) for each in expected])
        case "anyOf":
            return _any([_judged(each, leaf) for each in expected])
        case "oneOf":
            # A sum with a null in it is null: then it is not known whether exactly one of them is right.
            parts = [_judged(each, leaf).cast(pl.Int32) for each in expected]
            return pl.sum_horizontal(parts, ignore_nulls=False).eq(1)
        case "not":
            return ~_judged(expected, leaf)
        case "if":
            condition = _judged(expected, leaf)
            then = _judged(schema.get("then", True), leaf)
            otherwise = _judged(schema.get("else", True), leaf)
            return (~condition | then) & (condition | otherwise)
        case _:
            return leaf(keyword, expected)


def _row_keyword(keyword: str, expected: Any, columns: Mapping[str, BoundColumn]) -> pl.Expr:
    match keyword:
        case "type":
            return _TRUE if "object" in _types(expected) else _FALSE
        case "required":
            return _all([_is_there(name, columns) for name in expected])
        case "properties":
            return _all(
                [~_is_there(name, columns) | _cell(rules, columns.get(name)) for name, rules in expected.items()]
            )
        case "dependentRequired":
            return _all([
                ~_is_there(name, columns) | _all([_is_there(each, columns) for each in wanted])
                for name, wanted in expected.items()
            ])  # fmt: skip
        case "minProperties":
            return _count(columns).ge(expected)
        case "maxProperties":
            return _count(columns).le(expected)
        case "dependentSchemas":
            return _all([~_is_there(name, columns) | keeps(rules, columns) for name, rules in expected.items()])
        case _:
            return _UNKNOWN


def _count(columns: Mapping[str, BoundColumn]) -> pl.Expr:
    """How many cells of each row are not empty."""
    there = [pl.col(bound.key).is_not_null().cast(pl.Int32) for bound in columns.values()]
    return pl.sum_horizontal(there) if there else pl.lit(0, dtype=pl.Int32)


def _is_there(name: str, columns: Mapping[str, BoundColumn]) -> pl.Expr:
    return pl.col(columns[name].key).is_not_null() if name in columns else _FALSE


def _cell(schema: Any, bound: BoundColumn | None) -> pl.Expr:
    """What a schema says of a column's cells that are not empty."""
    if bound is None:
        return _TRUE
    cell, column = pl.col(bound.key), bound.column
    match column.type:
        case ColumnType.STRING if not column.formats:
            return _judged(schema, lambda keyword, expected: _text_keyword(keyword, expected, cell))
        case ColumnType.BOOLEAN:
            meanings = booleans(column)
            return _judged(schema, lambda keyword, expected: _boolean_keyword(keyword, expected, cell, meanings))
        case ColumnType.INTEGER:
            return _judged(schema, lambda keyword, expected: _integer_keyword(keyword, expected, cell))
        case _:
            return _judged(schema, lambda _, __: _UNKNOWN)


def _text_keyword(keyword: str, expected: Any, cell: pl.Expr) -> pl.Expr:
    match keyword:
        case "type":
            return _TRUE if "string" in _types(expected) else _FALSE
        case "const":
            return cell.eq(expected) if isinstance(expected, str) else _FALSE
        case "enum":
            return _one_of(cell, [each for each in expected if isinstance(each, str)])
        case "minLength":
            return cell.str.len_chars().ge(expected)
        case "maxLength":
            return cell.str.len_chars().le(expected)
        case "pattern":
            mask = pattern_mask(translate(expected), cell)  # it accepts too little at most
            return _UNKNOWN if mask is None else pl.when(mask).then(_TRUE)
        case _:
            return _TRUE if keyword in (_OF_NUMBERS | _MORE_OF_NUMBERS | _OTHER) - _OF_TEXT else _UNKNOWN


def _boolean_keyword(keyword: str, expected: Any, cell: pl.Expr, meanings: Mapping[str, bool]) -> pl.Expr:
    match keyword:
        case "type":
            allowed = {True, False} if "boolean" in _types(expected) else set()
        case "const":
            allowed = {expected} if isinstance(expected, bool) else set()
        case "enum":
            allowed = {each for each in expected if isinstance(each, bool)}
        case _:
            return _UNKNOWN
    right = [text for text, meaning in meanings.items() if meaning in allowed]
    wrong = [text for text, meaning in meanings.items() if meaning not in allowed]
    return pl.when(_one_of(cell, right)).then(_TRUE).when(_one_of(cell, wrong)).then(_FALSE)


def _integer_keyword(keyword: str, expected: Any, cell: pl.Expr) -> pl.Expr:
    """A text that is no number is null here; if it is one here only, no rule is judged for its row anyway."""
    number = cell.cast(pl.Int64, strict=False)
    match keyword:
        case "type":
            return _TRUE if _types(expected) & {"integer", "number"} else _FALSE
        case "const":
            return number.eq(expected) if _is_small(expected) else _UNKNOWN
        case "enum" if all(map(_is_small, expected)):
            return number.is_in(expected)
        case "minimum" if _is_small(expected):
            return number.ge(expected)
        case "maximum" if _is_small(expected):
            return number.le(expected)
        case "exclusiveMinimum" if _is_small(expected):
            return number.gt(expected)
        case "exclusiveMaximum" if _is_small(expected):
            return number.lt(expected)
        case _:
            return _UNKNOWN


def _one_of(cell: pl.Expr, texts: list[str]) -> pl.Expr:
    return cell.is_in(texts) if texts else _FALSE


def _is_small(value: Any) -> bool:
    """A whole number of 15 digits at most."""
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**15


def _types(expected: str | list[str]) -> set[str]:
    return {expected} if isinstance(expected, str) else set(expected)


def _all(parts: list[pl.Expr]) -> pl.Expr:
    return pl.all_horizontal(parts) if parts else _TRUE


def _any(parts: list[pl.Expr]) -> pl.Expr:
    return pl.any_horizontal(parts) if parts else _FALSE
