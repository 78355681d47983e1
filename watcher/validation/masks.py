"""Says of whole columns at once which cells are surely right.

A mask is *sound*: it accepts only what the `jsonschema` library accepts. What it does not accept may still be right;
the library decides. So a mask may be as narrow as it likes, and a rule without one has None: then every distinct
value is judged.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, assert_never

import polars as pl

from watcher.schema.model import Column, ColumnType
from watcher.validation.convert import BOOLEANS
from watcher.validation.patterns import translate

_DAY = (
    r"(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    r"|02-(?:0[1-9]|1[0-9]|2[0-8]))"
)
_DATE = rf"[1-9][0-9]{{3}}-{_DAY}"
_CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]"
#: Formats as expressions that accept less than their checkers: no leap days, no unusual spellings.
_FORMATS = {
    "date": rf"^{_DATE}$",
    "date-time": rf"^{_DATE}T{_CLOCK}:[0-5][0-9](?:\.[0-9]{{1,9}})?(?:Z|[+-]{_CLOCK})$",
    "uuid": r"^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$",
    "uri": r"^https?://[A-Za-z0-9.-]+(?:/[A-Za-z0-9._~/-]*)?$",
    "email": "@",
}
_ISO = "%Y-%m-%d"
_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")


def accept_mask(column: Column, name: str) -> pl.Expr | None:
    """True where a cell of the text column `name` is surely right or empty; None if nothing is sure."""
    cell = pl.col(name)
    match column.type:
        case ColumnType.STRING:
            masks = list(_text_masks(column, cell))
        case ColumnType.INTEGER:
            masks = list(_number_masks(column, cell, r"^-?[0-9]{1,15}$", pl.Int64))
        case ColumnType.NUMBER:
            masks = list(_number_masks(column, cell, r"^-?[0-9]{1,15}(?:\.[0-9]{1,15})?$", pl.Float64))
        case ColumnType.BOOLEAN:
            masks = [None if {"enum", "const"} & set(column.judged_by) else cell.is_in(list(BOOLEANS))]
        case ColumnType.ARRAY:
            items = column.judged_by.get("items", {})
            masks = [pl.lit(value=True) if set(items) <= {"type"} and column.item_type == ColumnType.STRING else None]
        case _:
            assert_never(column.type)
    sound = [mask for mask in masks if mask is not None]
    if len(sound) < len(masks):
        return None
    return pl.all_horizontal(*sound).fill_null(value=True) if sound else pl.lit(value=True)


def _text_masks(column: Column, cell: pl.Expr) -> Iterator[pl.Expr | None]:
    """One mask for each keyword."""
    for keyword, expected in column.judged_by.items():
        match keyword:
            case "type":
                continue
            case "enum":
                yield cell.is_in(list(expected))
            case "const":
                yield cell == expected
            case "minLength":
                yield cell.str.len_chars() >= expected
            case "maxLength":
                yield cell.str.len_bytes() <= expected  # no text has more characters than bytes
            case "pattern":
                yield _pattern_mask(expected, cell)
            case "format":
                yield _format_mask(column, cell)
            case _:
                yield None


def _pattern_mask(pattern: str, cell: pl.Expr) -> pl.Expr | None:
    translated = translate(pattern)
    return None if translated is None or not _compiles(translated) else cell.str.contains(translated)


def _format_mask(column: Column, cell: pl.Expr) -> pl.Expr | None:
    """With date formats of its own a column may read an ISO date otherwise, and other rules judge what was read."""
    if column.formats and column.formats[0] != _ISO:
        return None
    known = _FORMATS.get(column.format or "")
    return None if known is None else cell.str.contains(known)


def _number_masks(column: Column, cell: pl.Expr, form: str, kind: type[pl.DataType]) -> Iterator[pl.Expr | None]:
    """The digits are few enough for the comparison to be exact."""
    yield cell.str.contains(form)
    for keyword, expected in column.judged_by.items():
        if keyword in _BOUNDS:
            yield _compared(keyword, cell.cast(kind, strict=False), expected).fill_null(value=False)
        elif keyword != "type":
            yield None


def _compared(keyword: str, number: pl.Expr, expected: Any) -> pl.Expr:
    match keyword:
        case "minimum":
            return number.ge(expected)
        case "maximum":
            return number.le(expected)
        case "exclusiveMinimum":
            return number.gt(expected)
        case _:
            return number.lt(expected)


def _compiles(pattern: str) -> bool:
    """Whether polars takes it: its engine has a size limit."""
    try:
        pl.Series(["x"]).str.contains(pattern)
    except pl.exceptions.PolarsError:
        return False
    return True
