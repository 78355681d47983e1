"""Masks of numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from watcher.schema.model import ColumnType
from watcher.validation.cells.maskparts import EVERYTHING, all_of, combined

#: The digits are few enough for 64 bits and for comparisons to be exact.
INTEGER_FORM = "-?[0-9]{1,15}"
_NUMBER_FORM = r"-?[0-9]{1,15}(?:\.[0-9]{1,15})?"
#: No number of these forms is beyond it.
_BEYOND = 10**16


def number_mask(schema: Mapping[str, Any], cell: pl.Expr, kind: ColumnType) -> pl.Expr | None:
    """True where a text surely is a number that fulfils the schema."""
    is_whole = kind is ColumnType.INTEGER
    form = cell.str.contains(f"^{INTEGER_FORM if is_whole else _NUMBER_FORM}$")
    number = cell.cast(pl.Int64 if is_whole else pl.Float64, strict=False)
    mask = combined(schema, lambda keyword, expected: _mask(keyword, expected, cell, number, is_whole=is_whole))
    found = all_of((form, mask))
    return None if found is None else found.fill_null(value=False) | cell.is_null()


def _mask(keyword: str, expected: Any, cell: pl.Expr, number: pl.Expr, *, is_whole: bool) -> pl.Expr | None:
    match keyword:
        case "type":
            return EVERYTHING if expected == "number" or (expected == "integer" and is_whole) else None
        case "enum":
            return cell.is_in([repr(value) for value in expected if _is_number(value)])
        case "const":
            return cell.eq(repr(expected)) if _is_number(expected) else None
        case "multipleOf":
            is_simple = is_whole and type(expected) is int and 0 < expected < _BEYOND
            return number.mod(expected).eq(0) if is_simple else None
        case "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum":
            return _compared(keyword, number, max(-_BEYOND, min(expected, _BEYOND)))
        case _:
            return None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _compared(keyword: str, number: pl.Expr, bound: float) -> pl.Expr:
    match keyword:
        case "minimum":
            return number.ge(bound)
        case "maximum":
            return number.le(bound)
        case "exclusiveMinimum":
            return number.gt(bound)
        case _:
            return number.lt(bound)
