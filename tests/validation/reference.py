"""The slow, obvious validator that the quick one is measured by: Python's csv, one row at a time, `jsonschema` per cell.

For files without faults in their rows (those have tests of their own): it knows UTF-8 rows of the right width.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from jsonschema import Draft202012Validator

from watcher.schema.model import Column, FileSchema

Place = tuple[int, str, str]
_TRUE, _FALSE = ("true", "True", "TRUE"), ("false", "False", "FALSE")


class NoDateError(Exception):
    """The text is no date in any of the declared formats."""


def found_in_cells(text: str, schema: FileSchema) -> set[Place]:
    """(record, column, code) of every broken rule of a cell, duplicate keys included."""
    rows = csv.DictReader(io.StringIO(text, newline=""))
    found: set[Place] = set()
    keys: dict[tuple[str, ...], list[int]] = {}
    for number, row in enumerate(rows, 1):
        for column in schema.columns:
            found |= {(number, column.name, code) for code in _codes(row[column.name], column)}
        key = tuple(row[name] for name in schema.key)
        if any(key):
            keys.setdefault(key, []).append(number)
    repeated = [numbers for numbers in keys.values() if len(numbers) > 1]
    return found | {(number, " + ".join(schema.key), "duplicate-key") for numbers in repeated for number in numbers}


def _codes(text: str, column: Column) -> Iterator[str]:
    if text == "" or text in column.nulls:
        if column.required:
            yield "required"
        return
    try:
        value = _value(text, column)
    except NoDateError:
        yield "format"
        return
    except ValueError:
        yield "type"
        return
    validator = Draft202012Validator(column.judged_by, format_checker=Draft202012Validator.FORMAT_CHECKER)
    for error in validator.iter_errors(value):
        yield re.sub("([A-Z])", r"-\1", str(error.validator)).lower()


def _value(text: str, column: Column) -> Any:
    for pattern in column.formats:
        try:
            found = datetime.strptime(text, pattern)  # noqa: DTZ007 (a day has no zone)
        except ValueError:
            continue
        if found.strftime(pattern) == text:  # strptime takes one digit for two
            return found.strftime("%Y-%m-%d")
    if column.formats:
        raise NoDateError
    kind = column.judged_by["type"]
    if kind == "array":
        return [_scalar(item, column.judged_by.get("items", {}).get("type", "string")) for item in text.split(",")]
    return _scalar(text, kind)


def _scalar(text: str, kind: str) -> Any:
    match kind:
        case "integer":
            if not re.fullmatch("-?[0-9]+", text) or not -(2**63) <= int(text) < 2**63:
                raise ValueError
            return int(text)
        case "number":
            if re.fullmatch("-?[0-9]+", text) and -(2**63) <= int(text) < 2**63:
                return int(text)
            if not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?", text) or abs(float(text)) == float("inf"):
                raise ValueError
            return float(text)
        case "boolean":
            if text not in (*_TRUE, *_FALSE):
                raise ValueError
            return text in _TRUE
        case _:
            return text
