"""PyArrow: its CSV reader as text, and its compute functions; rows that it can't read go to its handler."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from bench.peers.expressions import MOMENT
from bench.peers.rules import Column, Error, Result, Rules, code_of, main


def check(path: Path, rules: Rules) -> Result:
    errors: list[Error] = []

    def invalid(row: Any) -> str:
        errors.append((row.number, "", "ragged-row"))
        return "skip"

    # Binary: one byte that is not UTF-8 would end the reading of a text column.
    kinds = {column.name: pa.binary() for column in rules.columns}
    table = csv.read_csv(
        path,
        parse_options=csv.ParseOptions(newlines_in_values=True, invalid_row_handler=invalid, ignore_empty_lines=False),
        convert_options=csv.ConvertOptions(column_types=kinds, strings_can_be_null=True, null_values=[""]),
    )
    for column in rules.columns:
        cells = table[column.name]
        for code, right in _judged(column, cells):
            wrong = pc.indices_nonzero(pc.invert(pc.fill_null(right, True)))
            errors += [(row + 2, column.name, code) for row in wrong.to_pylist()]
    errors += [(None, rules.key, "duplicate-key")] * _repeated(table[rules.key])
    return table.num_rows, errors


def _repeated(cells: Any) -> int:
    counts = pc.value_counts(pc.drop_null(cells)).field("counts")
    return pc.sum(pc.filter(counts, pc.greater(counts, 1))).as_py() or 0


def _judged(column: Column, cells: Any) -> Iterator[tuple[str, Any]]:
    if column.required:
        yield "required", pc.is_valid(cells)
    if column.type == "integer":
        digits = pc.match_substring_regex(cells, "^-?[0-9]{1,18}$")
        yield "type", digits
        cells = pc.cast(pc.cast(pc.if_else(digits, cells, None), pa.string()), pa.int64())
    if column.type == "boolean":
        yield "type", pc.is_in(cells, pa.array([b"true", b"false"], pa.binary()), skip_nulls=True)
    for keyword, wanted in column.cell.items():
        if column.type == "array":
            # There are no list functions on text: the pattern of one item is made one of a list of them.
            if keyword == "pattern":
                item = wanted.removeprefix("^").removesuffix("$")
                yield "pattern", pc.match_substring_regex(cells, f"^{item}({column.separator}{item})*$")
        elif (right := _right(keyword, wanted, cells)) is not None:
            yield code_of(keyword), right


def _right(keyword: str, wanted: Any, cells: Any) -> Any:
    match keyword, wanted:
        case "enum", _:
            known = pa.array([value.encode() for value in wanted], pa.binary())
            return pc.if_else(pc.is_null(cells), True, pc.is_in(cells, known))
        case "pattern", _:
            return pc.match_substring_regex(cells, wanted)
        case "minLength", _:
            return pc.greater_equal(pc.binary_length(cells), wanted)
        case "maxLength", _:
            return pc.less_equal(pc.binary_length(cells), wanted)
        case "minimum", _:
            return pc.greater_equal(cells, wanted)
        case "exclusiveMaximum", _:
            return pc.less(cells, wanted)
        case "format", "date":
            return pc.match_substring_regex(cells, "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")
        case "format", "date-time":
            return pc.match_substring_regex(cells, MOMENT)
        case "format", "email":
            return pc.match_substring(cells, "@")
        case _:
            return None


if __name__ == "__main__":
    main(check)
