"""Masks of lists: cells that hold several values.

Either a cell is one value, without a separator, or what is asked of its values must be one regular expression that is
repeated over the cell. Of lists of lists only those are sure of which nothing is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from watcher.schema.model import Column, ColumnType
from watcher.validation.cells.maskparts import EVERYTHING, all_of
from watcher.validation.cells.numbermasks import INTEGER_FORM, number_mask
from watcher.validation.cells.patterns import literal, translate_item
from watcher.validation.cells.textmasks import pattern_mask, text_mask

#: Alternatives of one expression: more make it slow.
_MOST_ALTERNATIVES = 200
_MOST_CHARACTERS = 20
#: A separator with one of these could be taken for a part of a number: in `1--2` the second value is empty, not -2.
_OF_INTEGERS = frozenset("-0123456789")
#: Inner lists that any text is.
_ANY_LISTS: tuple[dict[str, Any], ...] = (
    {"type": "array"},
    {"type": "array", "items": {}},
    {"type": "array", "items": {"type": "string"}},
)


def list_mask(column: Column, cell: pl.Expr) -> pl.Expr | None:
    """True where a list is surely right; None if nothing is sure."""
    if column.is_nested:
        is_any = column.judged_by["items"] in _ANY_LISTS and set(column.judged_by) == {"type", "items"}
        return EVERYTHING if is_any else None
    if column.item_type is ColumnType.BOOLEAN:
        return None
    return all_of(_mask(keyword, expected, column, cell) for keyword, expected in column.judged_by.items())


def _mask(keyword: str, expected: Any, column: Column, cell: pl.Expr) -> pl.Expr | None:
    values = cell.str.count_matches(column.separator, literal=True) + 1
    match keyword:
        case "type":
            return EVERYTHING
        case "items":
            return _items(expected, column, cell)
        case "minItems":
            return EVERYTHING if expected <= 1 else values.ge(expected)
        case "maxItems":
            return values.le(expected)
        case "uniqueItems":
            return _unique(column, cell) if expected else EVERYTHING
        case _:
            return None


def _unique(column: Column, cell: pl.Expr) -> pl.Expr:
    """Numbers may be written in several ways, so of them only a single one is surely alone."""
    if column.item_type is not ColumnType.STRING:
        return _is_single(column, cell)
    values = cell.str.split(column.separator)
    return values.list.n_unique() == values.list.len()


def _items(schema: Mapping[str, Any], column: Column, cell: pl.Expr) -> pl.Expr | None:
    """Every item is right: by one expression for all of them, or the only one by its own masks."""
    if column.item_type is ColumnType.STRING:
        return all_of(_text_items(keyword, expected, column, cell) for keyword, expected in schema.items())
    is_between = not set(column.separator) & _OF_INTEGERS
    if column.item_type is ColumnType.INTEGER and set(schema) == {"type"} and is_between:
        return _repeated([INTEGER_FORM], column, cell)
    single = number_mask(schema, cell, column.item_type)
    return None if single is None else single & _is_single(column, cell)


def _text_items(keyword: str, expected: Any, column: Column, cell: pl.Expr) -> pl.Expr | None:
    match keyword:
        case "type":
            return EVERYTHING if expected == "string" else None
        case "enum":
            return _listed(expected, column, cell)
        case "const":
            return _listed([expected], column, cell)
        case "maxLength":
            return cell.str.len_bytes().le(expected)  # no item is longer than all of them
        case "minLength" if len(column.separator) == 1 and expected <= _MOST_CHARACTERS:
            return _repeated([f"[^{literal(column.separator)}]{{{int(expected)},}}"], column, cell)
        case "pattern" if len(column.separator) == 1:
            translated = translate_item(expected, column.separator)
            if translated is not None:
                return _repeated([translated], column, cell)
        case "anyOf" if alternatives := _alternatives(expected, column.separator):
            return _repeated(alternatives, column, cell)
        case _:
            pass
    single = text_mask({keyword: expected}, cell)
    if single is EVERYTHING:  # a cell is not empty, but an item may be
        return _is_single(column, cell)
    return None if single is None else single & _is_single(column, cell)


def _alternatives(schemas: Iterable[Mapping[str, Any]], separator: str) -> list[str]:
    """Those alternatives that are one expression: listed words, or one pattern. Of the others nothing is sure here."""
    if len(separator) != 1:
        return []
    found: list[str] = []
    for schema in schemas:
        match {keyword: expected for keyword, expected in schema.items() if (keyword, expected) != ("type", "string")}:
            case {"enum": words, **more} if not more:
                found += [literal(word) for word in words if isinstance(word, str) and separator not in word]
            case {"pattern": pattern, **more} if not more and (one := translate_item(pattern, separator)) is not None:
                found.append(one)
            case _:
                pass
    return found if len(found) <= _MOST_ALTERNATIVES else []


def _listed(values: Iterable[Any], column: Column, cell: pl.Expr) -> pl.Expr | None:
    texts = [value for value in values if isinstance(value, str) and column.separator not in value]
    if len(texts) > _MOST_ALTERNATIVES or len(column.separator) != 1:
        return cell.is_in(texts) & _is_single(column, cell)
    return _repeated([literal(text) for text in texts], column, cell) if texts else None


def _repeated(alternatives: list[str], column: Column, cell: pl.Expr) -> pl.Expr | None:
    """True where each part between separators is one of the alternatives, none of which takes in a separator."""
    one = f"(?:{'|'.join(alternatives)})"
    return pattern_mask(rf"\A{one}(?:{literal(column.separator)}{one})*\z", cell)


def _is_single(column: Column, cell: pl.Expr) -> pl.Expr:
    return ~cell.str.contains(column.separator, literal=True)
