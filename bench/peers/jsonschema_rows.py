"""csv and jsonschema, row by row."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from bench.peers import rowwise
from bench.peers.rules import Result, Rules, code_of, main


def check(path: Path, rules: Rules) -> Result:
    validator = Draft202012Validator(rules.row_schema(), format_checker=Draft202012Validator.FORMAT_CHECKER)

    def judge(row: dict[str, Any]) -> list[tuple[str, str]]:
        return [(_column(error, row), code_of(str(error.validator))) for error in validator.iter_errors(row)]

    return rowwise.check(path, rules, judge)


def _column(error: Any, row: dict[str, Any]) -> str:
    """The library reports each missing property by itself, but names it in its message only."""
    if error.validator == "required":
        missing = (name for name in error.validator_value if name not in row)
        return str(next(name for name in missing if repr(name) in error.message))
    return str(error.absolute_path[0])


if __name__ == "__main__":
    main(check)
