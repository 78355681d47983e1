"""What is wrong with what a schema, or a dataset in its place, says of rows that are left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from watcher.model.codes import CODES
from watcher.model.findings import Level
from watcher.schema.keywords import hint
from watcher.schema.model import FileSchema, OnError
from watcher.schema.problem import KeyPath, Problem

#: The codes for which a row can be left out: those of findings that are about one.
_OF_A_ROW = tuple(code for code, about in CODES.items() if about.level in (Level.ROW, Level.CELL))


def code_problems(codes: Sequence[str], at: KeyPath) -> Iterator[Problem]:
    """Members of `skip_only` for which no row is ever left out."""
    for i, code in enumerate(codes):
        if code not in CODES:
            yield Problem((*at, i), f"{code!r} is not the code of a finding{hint(code, _OF_A_ROW)}")
        elif code not in _OF_A_ROW:
            yield Problem((*at, i), f"{code!r} is about no single row, so none is left out for it; remove it")


def entry_problems(written: Mapping[str, Any], schema: FileSchema, at: KeyPath) -> Iterator[Problem]:
    """What is wrong with a file's entry in a dataset, `schema` being what it makes of the file schema."""
    yield from code_problems(written.get("skip_only", ()), (*at, "skip_only"))
    for key in ("max_skipped_rows", "skip_only"):
        # An empty list takes away what the file schema says: that means something whatever on_error is.
        if written.get(key, []) != [] and schema.on_error is not OnError.SKIP_ROWS:
            said = f"says nothing with on_error {schema.on_error}; write on_error: skip-rows or remove it"
            yield Problem((*at, key), said)
