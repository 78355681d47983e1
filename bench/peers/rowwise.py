"""Reads with the standard library's csv and judges row by row; which library judges is the caller's choice.

Bytes that are not UTF-8 come as lone surrogates and are seen by them.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench.peers.rules import Error, Result, Rules

#: The columns and codes that a row breaks.
Judge = Callable[[dict[str, Any]], list[tuple[str, str]]]

_INTEGER = re.compile(r"-?[0-9]{1,18}")
_BOOLEANS = {"true": True, "false": False}
_SURROGATE = re.compile("[\udc80-\udcff]")


def check(path: Path, rules: Rules, judge: Judge) -> Result:
    errors: list[Error] = []
    lines_of_key: dict[str, list[int]] = {}
    rows = 0
    for line, cells in _rows(path):
        rows += 1
        if cells is None or len(cells) != len(rules.columns):
            errors.append((line, "", "malformed" if cells is None else "ragged-row" if cells else "blank-line"))
            continue
        if _SURROGATE.search("".join(cells)):
            errors.append((line, "", "encoding"))
        row = _converted(cells, rules)
        errors += [(line, column, code) for column, code in judge(row)]
        lines_of_key.setdefault(row.get(rules.key, ""), []).append(line)
    duplicates = (lines for key, lines in lines_of_key.items() if key and len(lines) > 1)
    errors += [(line, rules.key, "duplicate-key") for lines in duplicates for line in lines]
    return rows, errors


def _rows(path: Path) -> Iterator[tuple[int, list[str] | None]]:
    """Each row behind the header with the line it begins on; None where csv refuses it."""
    csv.field_size_limit(1 << 24)
    # "\n": lines are then those that an editor counts; with "" a lone CR would begin a new one.
    with path.open(newline="\n", encoding="utf-8-sig", errors="surrogateescape") as stream:
        reader = csv.reader(stream)
        next(reader)
        while True:
            line = reader.line_num + 1
            try:
                yield line, next(reader)
            except StopIteration:
                return
            except csv.Error:
                yield line, None


def _converted(cells: list[str], rules: Rules) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for column, text in zip(rules.columns, cells, strict=True):
        if not text:
            continue
        if column.type == "integer":
            row[column.name] = int(text) if _INTEGER.fullmatch(text) else text
        elif column.type == "boolean":
            row[column.name] = _BOOLEANS.get(text, text)
        else:
            row[column.name] = text.split(column.separator) if column.type == "array" else text
    return row
