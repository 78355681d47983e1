"""Counts the rows that refer to a file that did not come: one finding for each column, however many rows it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from watcher.model.findings import Occurrence
from watcher.text import counted
from watcher.validation.cells.cells import BoundColumn
from watcher.validation.findings.occurrences import occurrence, shown
from watcher.validation.reading.rows import Chunk

#: Where every file came, or nobody asks.
NOTHING_GONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Filled:
    """So many rows of a chunk have a value in one column; `line` is the first of them, if there is any."""

    rows: int
    line: int | None = None


@dataclass(slots=True)
class LostTargets:
    """The columns of one file that refer to files that did not come.

    `gone` are those files, by the stems that references have. `file` is the name that findings carry.
    """

    file: str
    gone: Mapping[str, str]
    bound: Sequence[BoundColumn]
    _columns: tuple[BoundColumn, ...] = field(init=False)
    _rows: list[int] = field(init=False)
    _lines: list[int | None] = field(init=False)

    def __post_init__(self) -> None:
        self._columns = tuple(each for each in self.bound if _target(each) in self.gone)
        self._rows = [0] * len(self._columns)
        self._lines = [None] * len(self._columns)

    def filled(self, chunk: Chunk) -> tuple[Filled, ...]:
        """How many rows of a chunk refer to something, by column. Changes nothing: it may run in several threads."""
        return tuple(_filled(chunk, column) for column in self._columns)

    def take(self, filled: tuple[Filled, ...]) -> None:
        """Count the rows of a chunk; chunks come in the order of the file."""
        for i, each in enumerate(filled):
            self._rows[i] += each.rows
            if self._lines[i] is None:
                self._lines[i] = each.line

    def found(self) -> Iterator[Occurrence]:
        """An occurrence for each column that has values."""
        for column, rows, line in zip(self._columns, self._rows, self._lines, strict=True):
            if not rows:
                continue
            target = self.gone[_target(column)]
            refer = "refers" if rows == 1 else "refer"
            yield occurrence(
                "missing-target",
                f"{counted(rows, 'row')} {refer} to {target}, which did not come",
                severity=column.column.severity,
                file=self.file,
                line=line,
                column=shown(column.column.name),
                advice=f"add {target} to the drop, or empty the column",
            )


def _target(bound: BoundColumn) -> str:
    """The stem of the file that a column refers to, empty if none."""
    return "" if bound.column.references is None else bound.column.references.file


def _filled(chunk: Chunk, bound: BoundColumn) -> Filled:
    cells = chunk.frame[bound.key]
    rows = cells.len() - cells.null_count()
    return Filled(rows, int(chunk.lines[np.flatnonzero(cells.is_not_null().to_numpy())].min())) if rows else Filled(0)
