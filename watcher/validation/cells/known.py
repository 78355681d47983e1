"""Remembers texts that a column's mask has accepted, where few of them stand on nearly all rows.

To look a text up among some hundred takes a fourth of the time that a regular expression takes. Where texts hardly ever
come again nothing is remembered. The verdict is the mask's in any case.
"""

from __future__ import annotations

import polars as pl

from watcher.schema.model import Column, ColumnType
from watcher.validation.cells.maskparts import one_of

#: Columns with more texts than this are not remembered.
_MOST = 600
#: So many rows tell whether texts come again; in a smaller chunk there is nothing to win.
_SAMPLE = 1_000
_SMALL = 5_000
#: One row in so many may hold a text that is not known, after the first chunks.
_RARE = 4
#: Keywords that are looked at as quickly as a text is looked up.
_QUICK = frozenset({"type", "enum", "const", "minLength", "maxLength"})


class KnownTexts:
    """The known texts of one column, for several threads: none of them changes a tuple that another reads."""

    def __init__(self, column: Column, key: str, mask: pl.Expr) -> None:
        self._key, self._mask = key, mask
        self._texts: tuple[str, ...] = ()
        is_slow = bool(set(column.judged_by) - _QUICK) or column.type in {ColumnType.INTEGER, ColumnType.NUMBER}
        self._is_worth_while = is_slow and column.type is not ColumnType.BOOLEAN

    def expression(self, height: int) -> pl.Expr | None:
        """True where the cell holds a known text or none; None if the mask itself is better, for so many rows."""
        if not self._texts or not self._is_worth_while or height < _SMALL:
            return None
        return one_of(pl.col(self._key), self._texts).fill_null(value=True)

    def learn(self, cells: pl.Series, sure: pl.Series) -> None:
        """Remember accepted texts of a chunk for which the mask was asked."""
        if self._is_worth_while and not self._texts and len(cells) == len(sure) >= _SMALL:
            texts = _distinct(cells[:_SAMPLE].filter(sure[:_SAMPLE]))
            self._is_worth_while = 0 < len(texts) <= _MOST
            self._texts = texts[:_MOST]

    def completed(self, cells: pl.Series, known: pl.Series) -> pl.Series:
        """What the mask says of a chunk, given which of its cells are known."""
        unknown = ~known
        others = cells.filter(unknown)
        sure = others.to_frame().with_columns(self._mask.alias("sure"))["sure"]
        texts = (*self._texts, *_distinct(others.filter(sure)))
        if len(texts) > _MOST or _RARE * len(others) > len(cells) * (_RARE - 1):
            self._is_worth_while = False
        else:
            self._texts = tuple(dict.fromkeys(texts))
        return known.scatter(unknown.arg_true(), sure)


def _distinct(cells: pl.Series) -> tuple[str, ...]:
    return tuple(cells.drop_nulls().unique(maintain_order=True).to_list())
