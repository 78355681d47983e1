"""Judges the cells of a file, chunk by chunk: masks first, the oracle for what they leave open."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from watcher.model.findings import Occurrence
from watcher.schema.model import Column
from watcher.validation.collect import occurrence, shown
from watcher.validation.masks import accept_mask
from watcher.validation.oracle import Oracle
from watcher.validation.rows import Chunk
from watcher.validation.wording import Rule

_REQUIRED = Rule("required", "the cell is empty, expected a value")


@dataclass(frozen=True, slots=True)
class BoundColumn:
    """A column of the schema and its position in the file, from 0."""

    position: int
    column: Column

    @property
    def key(self) -> str:
        """Its name in the frames of a chunk."""
        return str(self.position)


def without_nulls(frame: pl.DataFrame, columns: tuple[BoundColumn, ...]) -> pl.DataFrame:
    """The frame with each text that a column counts as empty made null."""
    changed = [
        pl.when(~pl.col(bound.key).is_in(list(bound.column.nulls))).then(pl.col(bound.key)).alias(bound.key)
        for bound in columns
        if bound.column.nulls
    ]
    return frame.with_columns(changed) if changed else frame


class CellRules:
    """The rules of a file's columns. `file` is the name that findings carry."""

    def __init__(self, file: str, columns: tuple[BoundColumn, ...]) -> None:
        self._file = file
        self._columns = columns
        self._oracles = {bound.key: Oracle(bound.column) for bound in columns}
        masks = {bound.key: accept_mask(bound.column, bound.key) for bound in columns}
        self._masks = {key: mask for key, mask in masks.items() if mask is not None}

    def broken(self, chunk: Chunk) -> Iterator[Occurrence]:
        """An occurrence for each rule that a cell of the chunk breaks."""
        frame = chunk.frame
        if not frame.height:
            return
        accepted = frame.select(mask.alias(key) for key, mask in self._masks.items()) if self._masks else pl.DataFrame()
        for bound in self._columns:
            cells = frame[bound.key]
            if bound.column.required and cells.null_count():
                yield from self._empty(chunk, bound, cells)
            yield from self._judged(chunk, bound, cells, accepted)

    def _empty(self, chunk: Chunk, bound: BoundColumn, cells: pl.Series) -> Iterator[Occurrence]:
        for row in cells.is_null().arg_true().to_list():
            yield self._occurrence(chunk, bound, row, _REQUIRED)

    def _judged(
        self, chunk: Chunk, bound: BoundColumn, cells: pl.Series, accepted: pl.DataFrame
    ) -> Iterator[Occurrence]:
        open_cells = cells
        if bound.key in self._masks:
            sure = accepted[bound.key]
            if sure.all():
                return
            # A mask without a column in it (nothing to check) comes as one value for all rows.
            open_cells = cells.filter(~sure)
        broken = self._oracles[bound.key].broken(open_cells.drop_nulls().unique().to_list())
        if not broken:
            return
        for row in cells.is_in(list(broken)).arg_true().to_list():
            value = cells[row]
            for rule in broken[value]:
                if (row, bound.position) not in chunk.damaged:
                    yield self._occurrence(chunk, bound, row, rule, value)

    def _occurrence(
        self,
        chunk: Chunk,
        bound: BoundColumn,
        row: int,
        rule: Rule,
        value: str | None = None,
    ) -> Occurrence:
        return occurrence(
            rule.code,
            rule.message,
            severity=bound.column.severity,
            file=self._file,
            line=int(chunk.lines[row]),
            column=shown(bound.column.name),
            record=int(chunk.numbers[row]),
            value=None if value is None else shown(value),
            advice=rule.advice,
        )
