"""polars: the whole file in memory, one mask a rule."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from bench.peers.expressions import polars_rules, read
from bench.peers.rules import Error, Result, Rules, main


def check(path: Path, rules: Rules) -> Result:
    frame = read(str(path))
    checks = list(polars_rules(rules))
    masks = frame.select(expression.alias(str(i)) for i, (_, _, expression) in enumerate(checks))
    errors: list[Error] = []
    for i, (column, code, _) in enumerate(checks):
        if not masks[str(i)].all():
            errors += [(row + 2, column, code) for row in (~masks[str(i)]).arg_true().to_list()]
    again = frame.select((pl.col(rules.key).is_duplicated() & pl.col(rules.key).is_not_null()).arg_true()).to_series()
    errors += [(row + 2, rules.key, "duplicate-key") for row in again.to_list()]
    return frame.height, errors


if __name__ == "__main__":
    main(check)
