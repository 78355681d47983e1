"""csv and jsonschema-rs, row by row: asked for the errors only where a row is not valid."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema_rs

from bench.peers import rowwise
from bench.peers.rules import Result, Rules, code_of, main


def check(path: Path, rules: Rules) -> Result:
    validator = jsonschema_rs.Draft202012Validator(rules.row_schema(), validate_formats=True)

    def judge(row: dict[str, Any]) -> list[tuple[str, str]]:
        return [] if validator.is_valid(row) else [_broken(error) for error in validator.iter_errors(row)]

    return rowwise.check(path, rules, judge)


def _broken(error: Any) -> tuple[str, str]:
    keyword = str(error.schema_path[-1])
    return (error.kind.property if keyword == "required" else str(error.instance_path[0])), code_of(keyword)


if __name__ == "__main__":
    main(check)
