"""The rules as polars expressions: true where a cell is right. Shared by the peers that stand on polars."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from bench.peers.rules import Column, Rules, code_of

MOMENT = r"^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$"
_INTEGER = r"^-?[0-9]{1,18}$"

#: Column, code, expression.
Rule = tuple[str, str, pl.Expr]


def polars_rules(rules: Rules) -> Iterator[Rule]:
    """Every rule of every column; an empty cell breaks only `required`."""
    for column in rules.columns:
        cell = pl.col(column.name)
        if column.required:
            yield column.name, "required", cell.is_not_null()
        for code, expression in _judged(column, cell):
            yield column.name, code, expression.fill_null(value=True)


def read(path: str) -> pl.DataFrame:
    """The file as text; short rows are filled up, long ones cut: what polars offers for a damaged file."""
    return pl.read_csv(path, infer_schema=False, truncate_ragged_lines=True, encoding="utf8-lossy")


def _judged(column: Column, cell: pl.Expr) -> Iterator[tuple[str, pl.Expr]]:
    if column.type == "integer":
        yield "type", cell.str.contains(_INTEGER)
        cell = cell.cast(pl.Int64, strict=False)
    if column.type == "boolean":
        yield "type", cell.is_in(["true", "false"])
    for keyword, wanted in column.cell.items():
        if column.type == "array":
            items = cell.str.split(column.separator)
            if (each := _expression(keyword, wanted, pl.element())) is not None:
                yield code_of(keyword), items.list.eval(each).list.all()
        elif (expression := _expression(keyword, wanted, cell)) is not None:
            yield code_of(keyword), expression


def _expression(keyword: str, wanted: Any, cell: pl.Expr) -> Any:
    """None for a keyword that says nothing more."""
    match keyword, wanted:
        case "enum", _:
            return cell.is_in(wanted)
        case "pattern", _:
            return cell.str.contains(wanted)
        case "minLength", _:
            return cell.str.len_chars() >= wanted
        case "maxLength", _:
            return cell.str.len_chars() <= wanted
        case "minimum", _:
            return cell >= wanted
        case "exclusiveMaximum", _:
            return cell < wanted
        case "format", "date":
            return cell.str.contains(r"^\d{4}-\d{2}-\d{2}$") & cell.str.to_date(strict=False).is_not_null()
        case "format", "date-time":
            return cell.str.contains(MOMENT) & cell.str.slice(0, 10).str.to_date(strict=False).is_not_null()
        case "format", "email":
            return cell.str.contains("@", literal=True)
        case _:
            return None
