"""Judges the cells of a file, chunk by chunk: masks first, the oracle for what they leave open.

The oracle is asked once for each distinct text; its verdicts go back to the rows by whole columns, so that an error in
each of a million rows makes no object for each.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import polars as pl

from watcher.schema.model import Column
from watcher.validation.cells.known import KnownTexts
from watcher.validation.cells.masks import accept_mask
from watcher.validation.cells.oracle import Oracle
from watcher.validation.cells.wording import Rule
from watcher.validation.findings.occurrences import Breaches, Numbers, shown
from watcher.validation.reading.rows import Chunk
from watcher.validation.same import Same


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

    def broken(self, chunk: Chunk) -> list[Breaches]:
        """What the cells of the chunk break: for each column, the rows of each rule. May run in several threads."""
        if not chunk.frame.height:
            return []
        lookups = {rules.bound.key: rules.lookup(chunk.frame.height) for rules in self._columns}
        masks = {
            key: mask if (lookup := lookups[key]) is None else lookup
            for key, mask in ((rules.bound.key, rules.mask) for rules in self._columns)
            if mask is not None
        }
        accepted = chunk.frame.select(**masks) if masks else pl.DataFrame()
        found: list[Breaches] = []
        for rules in self._columns:
            cells, sure = chunk.frame[rules.bound.key], None
            if rules.bound.key in masks:
                is_lookup = lookups[rules.bound.key] is not None
                sure = rules.completed(cells, accepted[rules.bound.key], is_lookup=is_lookup)
            found += rules.broken(chunk, cells, sure)
        return found


def _required(column: Column) -> Rule:
    return Rule("required", f"the cell is empty, expected a value{_in_mode(column)}")


def _blank(column: Column) -> Rule:
    return Rule("must-be-blank", f"the cell has a value, expected it to be empty{_in_mode(column)}")


def _in_mode(column: Column) -> str:
    """Why it must be so, if the mode of the file is why."""
    return f", as in every file that is {column.mode}" if column.mode else ""


class _ColumnRules:
    """The rules of one column. `mask` is None if nothing is sure without the oracle."""

    def __init__(self, file: str, bound: BoundColumn) -> None:
        self.bound = bound
        self.mask = None if bound.column.blank else _mask(Same(bound.column), bound.key)
        self._file = file
        self._oracle = Oracle(bound.column)
        self._known = None if self.mask is None else KnownTexts(bound.column, bound.key, self.mask)

    def lookup(self, height: int) -> pl.Expr | None:
        """True where a cell surely is right since its text is known; None if the mask is quicker for so many."""
        return None if self._known is None else self._known.expression(height)

    def completed(self, cells: pl.Series, sure: pl.Series, *, is_lookup: bool) -> pl.Series:
        """Which cells the mask accepts, given what it says, or the look-up of known texts."""
        if self._known is not None and not is_lookup:
            self._known.learn(cells, sure)
        if self._known is None or not is_lookup or sure.all():
            return sure
        return self._known.completed(cells, sure)

    def broken(self, chunk: Chunk, cells: pl.Series, sure: pl.Series | None) -> Iterator[Breaches]:
        """What the column's cells break, empty ones first; `sure` says which the mask accepts, None without a mask."""
        if self.bound.column.required and cells.null_count():
            yield self._breaches(chunk, _required(self.bound.column), np.flatnonzero(cells.is_null().to_numpy()), None)
        rows = self._open_rows(chunk, cells, sure)
        if not len(rows):
            return
        if self.bound.column.blank:  # whatever the value is
            blank = self._breaches(chunk, _blank(self.bound.column), rows, cells[rows])
            yield replace(blank, advice_for=None)  # no other way of writing it is any better
            return
        # Python's sets and dicts are quicker here than polars: there are few texts, or the same ones again.
        texts: list[str] = cells[rows].to_list()
        for rule, broken in _by_rule(self._oracle.broken(set(texts))):
            hit = np.fromiter((text in broken for text in texts), dtype=bool, count=len(texts))
            values = pl.Series([text for text in texts if text in broken], dtype=pl.String)
            yield self._breaches(chunk, rule, rows[hit], values)

    def _open_rows(self, chunk: Chunk, cells: pl.Series, sure: pl.Series | None) -> Numbers:
        """The rows whose cells hold something that the mask does not accept."""
        if sure is None:
            is_open = cells.is_not_null()
        elif sure.all():
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
            asked=rule.message,
            advice_for=None if values is None else self._oracle.advice_for(rule),
        )


@lru_cache(maxsize=2048)
def _mask(same: Same[Column], key: str) -> pl.Expr | None:
    """The mask of a column; making it costs more than the rows of a small file."""
    return accept_mask(same.value, key)


_NO_ROWS: Numbers = np.zeros(0, dtype=np.int64)


def _by_rule(verdicts: dict[str, tuple[Rule, ...]]) -> Iterable[tuple[Rule, set[str]]]:
    """The texts that break each rule, in an order that does not depend on that of the texts."""
    texts_of: dict[Rule, set[str]] = {}
    for text, rules in verdicts.items():
        for rule in rules:
            texts_of.setdefault(rule, set()).add(text)
    return sorted(texts_of.items(), key=lambda item: (item[0].code, item[0].message))
