"""What the peers have in common: their command line, what to check, how errors are written."""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: Physical line, column, code; empty where the peer can't tell.
Error = tuple[int | None, str, str]
#: Rows read and errors found.
Result = tuple[int, list[Error]]

_KEYWORDS = {
    "minLength": "min-length",
    "maxLength": "max-length",
    "exclusiveMinimum": "exclusive-minimum",
    "exclusiveMaximum": "exclusive-maximum",
    "multipleOf": "multiple-of",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `schema` is the JSON Schema of a cell."""

    name: str
    type: str
    required: bool
    schema: dict[str, Any]
    separator: str = ","

    @property
    def cell(self) -> dict[str, Any]:
        """The schema of each value: of an array's items, else of the cell."""
        items: dict[str, Any] = self.schema.get("items", {})
        return items if self.type == "array" else self.schema


@dataclass(frozen=True, slots=True)
class Rules:
    """What a file should be."""

    columns: tuple[Column, ...]
    key: str

    def row_schema(self) -> dict[str, Any]:
        """The JSON Schema of a row as an object without its empty cells."""
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "properties": {column.name: column.schema for column in self.columns},
            "required": [column.name for column in self.columns if column.required],
        }


def code_of(keyword: str) -> str:
    """Our code for a keyword of JSON Schema."""
    return _KEYWORDS.get(keyword, keyword)


def read_rules(path: Path) -> Rules:
    data = json.loads(path.read_text())
    return Rules(tuple(Column(**column) for column in data["columns"]), data["key"])


def main(check: Callable[[Path, Rules], Result]) -> None:
    """Run a peer's check as its command line says."""
    parser = argparse.ArgumentParser()
    parser.add_argument("file", type=Path)
    parser.add_argument("--rules", type=Path, required=True)
    parser.add_argument("--errors", type=Path)
    given = parser.parse_args()
    rows, errors = check(given.file, read_rules(given.rules))
    if given.errors:
        _write(errors, given.errors)
    print(json.dumps({"rows": rows, "errors": len(errors)}))


def _write(errors: Iterable[Error], path: Path) -> None:
    with path.open("w", newline="") as stream:
        csv.writer(stream).writerows(("" if line is None else line, column, code) for line, column, code in errors)
