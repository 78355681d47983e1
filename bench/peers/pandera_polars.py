"""pandera on polars: a schema of checks, all of them reported."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandera.polars as pa
import polars as pl
from pandera.errors import SchemaErrors

from bench.peers.expressions import polars_rules, read
from bench.peers.rules import Error, Result, Rules, main


def check(path: Path, rules: Rules) -> Result:
    frame = read(str(path))
    try:
        _schema(rules).validate(frame, lazy=True)
    except SchemaErrors as error:
        return frame.height, _errors(error.failure_cases)
    return frame.height, []


def _errors(cases: pl.DataFrame) -> list[Error]:
    """Its `index` is the row in the frame."""
    errors: list[Error] = []
    for column, name, index in cases.select("column", "check", "index").iter_rows():
        code = str(name).rpartition("|")[2]
        code = {"not_nullable": "required", "field_uniqueness": "duplicate-key"}.get(code, code)
        errors.append((None if index is None else int(index) + 2, str(column), code))
    return errors


def _schema(rules: Rules) -> Any:
    checks: dict[str, list[Any]] = {}
    for column, code, expression in polars_rules(rules):
        if code != "required":
            # A check of one column sees a frame, and gives one column of truths.
            def judged(data: Any, expression: pl.Expr = expression) -> Any:
                return data.lazyframe.select(expression)

            checks.setdefault(column, []).append(pa.Check(judged, name=code))
    return pa.DataFrameSchema(
        {
            column.name: pa.Column(
                str, checks.get(column.name), nullable=not column.required, unique=column.name == rules.key
            )
            for column in rules.columns
        }
    )


if __name__ == "__main__":
    main(check)
