"""Judges rules over whole rows: masks first, `jsonschema` for the rows that are not surely right.

What a rule is judged over is an object of the converted values of a row's cells, by the names of the schema:

1. An empty cell is an absent property; so is a column that the file does not have, or that the schema does not know.
2. A cell that is not of its column's type, or could not be decoded, has a finding of its own. Nobody knows what it was
   to say, so a rule that looks at it is not judged for this row; nor for any row, if the column is missing in the
   header and that is a finding: a million broken rules beside it would say nothing more.
3. Each rule is one finding, each row that breaks it one occurrence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from enum import Enum
from typing import Any

import numpy as np
import polars as pl

from watcher.schema.model import RowRule
from watcher.schema.rules import subschemas
from watcher.text import printable
from watcher.validation.cells.cells import BoundColumn
from watcher.validation.cells.convert import NOT_CONVERTED, convert
from watcher.validation.cells.keywords import validator_for
from watcher.validation.cells.matching import NotMatchedInTimeError
from watcher.validation.cells.rowmasks import keeps
from watcher.validation.findings.occurrences import Breaches, Numbers, shown
from watcher.validation.reading.rows import Chunk

#: More verdicts are not remembered at once, and none of rows with longer texts.
_REMEMBERED = 20_000
_REMEMBERED_CHARACTERS = 1_000
#: How much of each cell is shown.
_CELL_CHARACTERS = 40
_TITLE_CHARACTERS = 200
#: Keywords that look at every property, named or not.
_OF_ALL = frozenset(
    {"additionalProperties", "unevaluatedProperties", "patternProperties", "propertyNames"}
    | {"minProperties", "maxProperties"}
)

_Cells = tuple[str | None, ...]


class _Verdict(Enum):
    #: the row keeps the rule, or it can't be said whether it does
    KEPT = 0
    #: the row breaks the rule
    BROKEN = 1
    #: a pattern of the rule took too long
    NOT_IN_TIME = 2


class RowRules:
    """The row rules of a file. `file` is the name that findings carry."""

    def __init__(
        self,
        file: str,
        rules: Sequence[RowRule],
        columns: Sequence[BoundColumn],
        missing: AbstractSet[str] = frozenset(),
    ) -> None:
        """`missing` are the columns of which it is told that the header lacks them."""
        judged = (rule for rule in rules if missing.isdisjoint(mentioned(rule.schema) or ()))
        self._rules = tuple(_Judge(file, rule, columns) for rule in judged)

    def broken(self, chunk: Chunk) -> list[Breaches]:
        """The rows of a chunk that break each rule. May run in several threads."""
        if not self._rules or not chunk.frame.height:
            return []
        # A rule without a column gives one value for all rows, unless a column stands beside it.
        masks = [rule.mask.alias(f"rule {i}") for i, rule in enumerate(self._rules)]
        kept = chunk.frame.lazy().with_columns(masks).select(f"rule {i}" for i in range(len(masks))).collect()
        found = zip(self._rules, kept.iter_columns(), strict=True)
        return [breaches for rule, mask in found for breaches in rule.broken(chunk, mask)]


class _Judge:
    """One rule."""

    def __init__(self, file: str, rule: RowRule, columns: Sequence[BoundColumn]) -> None:
        self._file, self._rule = file, rule
        self._title = printable(rule.title, _TITLE_CHARACTERS)
        names = mentioned(rule.schema)
        self._columns = [b for b in columns if names is None or b.column.name in names]
        self._column = shown(" + ".join(names)) if names else None
        self._shown = self._columns if names is not None else []
        self._validator = validator_for(rule.schema)
        self._verdicts: dict[_Cells, _Verdict] = {}
        self.mask = keeps(rule.schema, {b.column.name: b for b in columns})

    def broken(self, chunk: Chunk, mask: pl.Series) -> Iterator[Breaches]:
        """The rows that break the rule; `mask` is true where they surely don't."""
        rows = (~mask.fill_null(value=False)).arg_true().to_numpy().astype(np.int64)
        rows = self._sound(chunk, rows)
        if not len(rows):
            return
        # A frame without columns would have no rows either.
        cells = chunk.frame.select([b.key for b in self._columns] or chunk.frame.columns[:1])[rows]
        verdicts = self._verdicts_of(cells, len(rows))
        for verdict in (_Verdict.BROKEN, _Verdict.NOT_IN_TIME):
            hit = verdicts == verdict.value
            if hit.any():
                yield self._breaches(chunk, rows[hit], cells.filter(pl.Series(hit)), verdict)

    def _sound(self, chunk: Chunk, rows: Numbers) -> Numbers:
        """The rows in which every cell that the rule looks at is what the file says, and no guess."""
        looked_at = {b.position for b in self._columns}
        damaged = [row for row, position in chunk.damaged if position in looked_at]
        return rows[~np.isin(rows, damaged)] if damaged else rows

    def _verdicts_of(self, cells: pl.DataFrame, height: int) -> Numbers:
        """The value of the verdict on each row: every combination of cells is judged once."""
        if not self._columns:
            return np.full(height, self._verdict(()).value, dtype=np.int64)
        distinct = cells.unique(maintain_order=True)
        found = pl.Series("verdict", [self._verdict(row).value for row in distinct.iter_rows()], dtype=pl.Int64)
        if distinct.height == height:
            return found.to_numpy()
        told = cells.join(
            distinct.with_columns(found), on=cells.columns, how="left", nulls_equal=True, maintain_order="left"
        )
        return told["verdict"].to_numpy()

    def _verdict(self, cells: _Cells) -> _Verdict:
        verdict = self._verdicts.get(cells)
        if verdict is None:
            verdict = self._judge(cells)
            if sum(len(cell) for cell in cells if cell is not None) <= _REMEMBERED_CHARACTERS:
                if len(self._verdicts) >= _REMEMBERED:
                    self._verdicts.clear()
                self._verdicts[cells] = verdict
        return verdict

    def _judge(self, cells: _Cells) -> _Verdict:
        row: dict[str, Any] = {}
        for bound, cell in zip(self._columns, cells, strict=True):
            if cell is not None:
                row[bound.column.name] = value = convert(cell, bound.column)
                if value is NOT_CONVERTED:
                    return _Verdict.KEPT
        try:
            return _Verdict.KEPT if self._validator.is_valid(row) else _Verdict.BROKEN
        except NotMatchedInTimeError:
            return _Verdict.NOT_IN_TIME

    def _breaches(self, chunk: Chunk, rows: Numbers, cells: pl.DataFrame, verdict: _Verdict) -> Breaches:
        message = f"expected: {self._title}"
        if verdict is _Verdict.NOT_IN_TIME:
            message = f"the row could not be judged in time, {message}"
        return Breaches(
            code="rule",
            message=message,
            file=self._file,
            lines=chunk.lines[rows],
            records=chunk.numbers[rows],
            column=self._column,
            values=self._told(cells),
            severity=self._rule.severity,
            advice=self._rule.advice or None,
            rule=self._title,
            asked=message,
        )

    def _told(self, cells: pl.DataFrame) -> pl.Series | None:
        """`role=parent, email=`: the cells that the rule names; None where it looks at all of them."""
        if not self._shown:
            return None
        texts = [pl.col(b.key).str.slice(0, _CELL_CHARACTERS).fill_null("") for b in self._shown]
        named = [pl.concat_str(pl.lit(f"{b.column.name}="), text) for b, text in zip(self._shown, texts, strict=True)]
        return cells.select(pl.concat_str(named, separator=", ").alias("told"))["told"]


def mentioned(schema: Mapping[str, Any]) -> tuple[str, ...] | None:
    """The names of the properties that a schema over a row looks at, or more, in its order; None for all of them."""
    names: dict[str, None] = {}
    for _, part in subschemas(schema, ()):
        if part.keys() & _OF_ALL or any(isinstance(each, dict) for each in (part.get("const"), *part.get("enum", ()))):
            return None
        for keyword in ("properties", "dependentSchemas", "dependentRequired"):
            names |= dict.fromkeys(part.get(keyword, ()))
        names |= dict.fromkeys(part.get("required", ()))
        for wanted in part.get("dependentRequired", {}).values():
            names |= dict.fromkeys(wanted)
    return tuple(names)
