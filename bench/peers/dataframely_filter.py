"""dataframely: a schema of rules, and its filter; it says which rows broke which rule."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dataframely as dy
import polars as pl

from bench.peers.expressions import polars_rules, read
from bench.peers.rules import Error, Result, Rules, main


def check(path: Path, rules: Rules) -> Result:
    frame = read(str(path)).with_row_index("row")
    good, failed = _schema(rules).filter(frame)
    details = failed.details()
    errors: list[Error] = []
    for name in failed.counts():
        column, _, code = name.partition("|")
        if code:
            broken = details.filter(pl.col(name) == "invalid")["row"].to_list()
            errors += [(row + 2, column, code) for row in broken]
    return good.height + len(failed), errors


def _schema(rules: Rules) -> Any:
    """The class that one would write by hand: a column each, and a rule each."""
    body: dict[str, Any] = {"row": dy.UInt32()}
    body |= {column.name: dy.String(nullable=True) for column in rules.columns}
    for column, code, expression in polars_rules(rules):
        body[f"{column}|{code}"] = _rule(expression)
    body[f"{rules.key}|duplicate-key"] = _rule(pl.col(rules.key).is_null() | ~pl.col(rules.key).is_duplicated())
    return type("Users", (dy.Schema,), body)


def _rule(expression: pl.Expr) -> Any:
    def judged(_schema: Any) -> pl.Expr:
        return expression

    return dy.rule()(judged)


if __name__ == "__main__":
    main(check)
