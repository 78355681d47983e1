"""Masks of texts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import polars as pl

from watcher.validation.cells.formatforms import format_mask
from watcher.validation.cells.maskparts import EVERYTHING, combined, one_of
from watcher.validation.cells.patterns import translate, translate_exactly

#: Longer limits are compared with bytes, which is quicker: few texts have more bytes and not more characters.
_EXACT_LENGTH = 40


def text_mask(schema: Mapping[str, Any], cell: pl.Expr) -> pl.Expr | None:
    """True where a text surely fulfils the schema. It is not empty."""
    return combined(schema, lambda keyword, expected: _mask(keyword, expected, cell))


def _mask(keyword: str, expected: Any, cell: pl.Expr) -> pl.Expr | None:
    match keyword:
        case "type":
            return EVERYTHING if expected == "string" else None
        case "enum":
            return one_of(cell, [value for value in expected if isinstance(value, str)])
        case "const":
            return cell.eq(expected) if isinstance(expected, str) else None
        case "not":
            return _not(expected, cell)
        case "minLength":
            return EVERYTHING if expected <= 1 else cell.str.len_chars().ge(expected)
        case "maxLength":
            length = cell.str.len_chars() if expected <= _EXACT_LENGTH else cell.str.len_bytes()
            return length.le(expected)
        case "pattern":
            return pattern_mask(translate(expected), cell)
        case "format":
            return format_mask(expected, cell)
        case _:
            return None


def _not(schema: Mapping[str, Any], cell: pl.Expr) -> pl.Expr | None:
    """Only what is known exactly can be turned round: listed values, and a pattern on a line of ASCII."""
    keywords = set(schema) - {"type"}
    if schema.get("type", "string") != "string":
        return None
    if keywords == {"pattern"}:
        found = pattern_mask(translate_exactly(schema["pattern"]), cell)
        is_line = cell.str.len_bytes().eq(cell.str.len_chars()) & ~cell.str.contains("\n", literal=True)
        return None if found is None else is_line & ~found
    if keywords not in ({"enum"}, {"const"}):
        return None
    listed = schema["enum"] if "enum" in schema else [schema["const"]]
    return ~one_of(cell, [value for value in listed if isinstance(value, str)])


def pattern_mask(translated: str | None, cell: pl.Expr) -> pl.Expr | None:
    """True where the translated pattern is found; None for none, or one too large for the engine."""
    return None if translated is None or not _is_taken(translated) else cell.str.contains(translated)


@lru_cache(maxsize=512)
def _is_taken(translated: str) -> bool:
    """Whether the engine takes the pattern. Asked once, not for each file: it costs as much as a small file's rows."""
    try:
        pl.Series(["x"]).str.contains(translated)
    except pl.exceptions.PolarsError:
        return False
    return True
