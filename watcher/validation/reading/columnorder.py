"""Whether the columns of a file stand as in its schema.

1. Columns with names of their own stand in the schema's order; those that are not there leave no gap.
2. Columns of groups that the schema lists behind all names stand to the right of all columns with names of their own.
   Groups listed elsewhere may stand anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from watcher.schema.model import Column, FileSchema
from watcher.text import quoted
from watcher.validation.findings.occurrences import SHOWN_CHARACTERS


@dataclass(frozen=True, slots=True)
class Misplaced:
    """What stands in another place; `column` is set where it is one column alone."""

    message: str
    advice: str
    column: str | None = None


def misplaced(bound: Mapping[int, Column], groups: Mapping[int, str], schema: FileSchema) -> Iterator[Misplaced]:
    """At most one thing of either kind. `groups`: the pattern of each position that belongs to a group."""
    yield from _misplaced_name([column.name for i, column in sorted(bound.items()) if i not in groups], schema)
    yield from _misplaced_group(bound, groups, schema)


def _misplaced_name(found: list[str], schema: FileSchema) -> Iterator[Misplaced]:
    present = set(found)
    expected = [column.name for column in schema.columns if column.match is None and column.name in present]
    if found != expected:
        name, wanted = next(pair for pair in zip(found, expected, strict=True) if pair[0] != pair[1])
        message = f"the columns stand in another order: found {quoted(name)}, expected {quoted(wanted)}"
        yield Misplaced(message, f"put the columns in this order: {', '.join(expected)}")


def _misplaced_group(bound: Mapping[int, Column], groups: Mapping[int, str], schema: FileSchema) -> Iterator[Misplaced]:
    last_name = max((i for i, column in enumerate(schema.columns) if column.match is None), default=-1)
    at_the_end = {column.match for column in schema.columns[last_name + 1 :]}
    rightmost = max((i for i in bound if i not in groups), default=-1)
    first = min((i for i, group in groups.items() if group in at_the_end and i in bound), default=rightmost)
    if first < rightmost:
        name, right = bound[first].name, bound[rightmost].name
        places = f"found {quoted(name, SHOWN_CHARACTERS)}, expected it to the right of {quoted(right)}"
        message = f"the columns stand in another order: {places}"
        yield Misplaced(message, f"put this column and all others of its kind to the right of {right}", name)
