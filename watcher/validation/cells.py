"""Judges the cells of a file, chunk by chunk: masks first, the oracle for what they leave open.

The oracle is asked once for each distinct text; its verdicts go back to the rows by whole columns, so that an error in
each of a million rows makes no object for each.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import polars as pl

from watcher.schema.model import Column
from watcher.validation.masks import accept_mask
from watcher.validation.occurrences import Breaches, Numbers, shown
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
        self._columns = tuple(_ColumnRules(file, bound) for bound in columns)
        self._masks = [rules.mask.alias(rules.bound.key) for rules in self._columns if rules.mask is not None]

    def broken(self, chunk: Chunk) -> list[Breaches]:
        """What the cells of the chunk break: for each column, the rows of each rule. May run in several threads."""
        if not chunk.frame.height:
            return []
        accepted = chunk.frame.select(self._masks) if self._masks else pl.DataFrame()
        return [breaches for rules in self._columns for breaches in rules.broken(chunk, accepted)]


class _ColumnRules:
    """The rules of one column. `mask` is None if nothing is sure without the oracle."""

    def __init__(self, file: str, bound: BoundColumn) -> None:
        self.bound = bound
        self.mask = _mask(_Same(bound.column), bound.key)
        self._file = file
        self._oracle = Oracle(bound.column)

    def broken(self, chunk: Chunk, accepted: pl.DataFrame) -> Iterator[Breaches]:
        """What the column's cells break, empty ones first; `accepted` are the masks of the chunk."""
        cells = chunk.frame[self.bound.key]
        if self.bound.column.required and cells.null_count():
            yield self._breaches(chunk, _REQUIRED, np.flatnonzero(cells.is_null().to_numpy()), None)
        rows = self._open_rows(chunk, cells, accepted)
        if not len(rows):
            return
        # Python's sets and dicts are quicker here than polars: there are few texts, or the same ones again.
        texts: list[str] = cells[rows].to_list()
        for rule, broken in _by_rule(self._oracle.broken(set(texts))):
            hit = np.fromiter((text in broken for text in texts), dtype=bool, count=len(texts))
            values = pl.Series([text for text in texts if text in broken], dtype=pl.String)
            yield self._breaches(chunk, rule, rows[hit], values)

    def _open_rows(self, chunk: Chunk, cells: pl.Series, accepted: pl.DataFrame) -> Numbers:
        """The rows whose cells hold something that the mask does not accept."""
        if self.mask is None:
            is_open = cells.is_not_null()
        elif (sure := accepted[self.bound.key]).all():
            return _NO_ROWS
        else:
            is_open = ~sure
        flags = is_open.to_numpy(writable=True)
        flags[[row for row, position in chunk.damaged if position == self.bound.position]] = False
        return np.flatnonzero(flags)

    def _breaches(self, chunk: Chunk, rule: Rule, rows: Numbers, values: pl.Series | None) -> Breaches:
        return Breaches(
            code=rule.code,
            message=rule.message,
            file=self._file,
            lines=chunk.lines[rows],
            records=chunk.numbers[rows],
            column=shown(self.bound.column.name),
            values=values,
            severity=self.bound.column.severity,
            advice=rule.advice,
            advice_for=None if values is None else self._oracle.advice_for(rule),
        )


class _Same:
    """A column as the key of a cache: equal only to itself, since the dicts in it have no hash."""

    def __init__(self, column: Column) -> None:
        self.column = column

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.column is self.column

    def __hash__(self) -> int:
        return id(self.column)


@lru_cache(maxsize=2048)
def _mask(same: _Same, key: str) -> pl.Expr | None:
    """The mask of a column; making it costs more than the rows of a small file."""
    return accept_mask(same.column, key)


_NO_ROWS: Numbers = np.zeros(0, dtype=np.int64)


def _by_rule(verdicts: dict[str, tuple[Rule, ...]]) -> Iterable[tuple[Rule, set[str]]]:
    """The texts that break each rule, in an order that does not depend on that of the texts."""
    texts_of: dict[Rule, set[str]] = {}
    for text, rules in verdicts.items():
        for rule in rules:
            texts_of.setdefault(rule, set()).add(text)
    return sorted(texts_of.items(), key=lambda item: (item[0].code, item[0].message))
