"""Converts a cell's text to the value that its JSON Schema judges. A text that is not of its type is NOT_CONVERTED.

A list is split at its separator, a list of lists at both: `A,B;;C` is [["A", "B"], [], ["C"]]. There an empty part is a
list without values; in a plain list it is a value, the empty text.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from watcher.schema.dates import read_date
from watcher.schema.model import Column, ColumnType


class _NotConverted:
    """The one value of this class: no JSON value at all."""


NOT_CONVERTED: Final = _NotConverted()
#: The texts of a boolean column that names none itself.
BOOLEANS: Final[Mapping[str, bool]] = {
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}

_INTEGER = re.compile(r"-?[0-9]{1,40}")
_NUMBER = re.compile(r"-?[0-9]{1,400}(?:\.[0-9]{1,400})?(?:[eE][-+]?[0-9]{1,4})?")
_INT64 = range(-(2**63), 2**63)


def booleans(column: Column) -> Mapping[str, bool]:
    """What each text of a boolean means."""
    if not column.true_values and not column.false_values:
        return BOOLEANS
    return _own_booleans(column.true_values, column.false_values)


@lru_cache(maxsize=256)
def _own_booleans(true_values: tuple[str, ...], false_values: tuple[str, ...]) -> Mapping[str, bool]:
    return dict.fromkeys(false_values, False) | dict.fromkeys(true_values, True)


def convert(text: str, column: Column) -> Any:
    """The value of a cell that is not empty, or NOT_CONVERTED."""
    if column.formats:
        found = read_date(text, column.formats)
        return NOT_CONVERTED if found is None else found.isoformat()
    if column.type is ColumnType.ARRAY:
        items = [convert_item(item, column) for item in text.split(column.separator)]
        return NOT_CONVERTED if NOT_CONVERTED in items else items
    return convert_item(text, column)


def convert_item(text: str, column: Column) -> Any:
    """The value of one item of an array, or of a whole cell that is no date."""
    if not column.is_nested:
        return convert_value(text, column)
    values = [convert_value(value, column) for value in inner_texts(text, column)]
    return NOT_CONVERTED if NOT_CONVERTED in values else values


def inner_texts(item: str, column: Column) -> list[str]:
    """The texts of the values of an inner list."""
    return item.split(column.inner_separator) if item else []


def convert_value(text: str, column: Column) -> Any:
    """The value of a text that is no list."""
    match column.value_type:
        case ColumnType.INTEGER:
            return _integer(text)
        case ColumnType.NUMBER:
            return _number(text)
        case ColumnType.BOOLEAN:
            return booleans(column).get(text, NOT_CONVERTED)
        case _:
            return text


def _integer(text: str) -> Any:
    """Whole numbers of 64 bits: what a database and a data frame can hold without loss."""
    if not _INTEGER.fullmatch(text):
        return NOT_CONVERTED
    value = int(text)
    return value if value in _INT64 else NOT_CONVERTED


def _number(text: str) -> Any:
    if not _NUMBER.fullmatch(text):
        return NOT_CONVERTED
    whole = _integer(text)
    if whole is not NOT_CONVERTED:
        return whole
    value = float(text)
    return value if math.isfinite(value) else NOT_CONVERTED
