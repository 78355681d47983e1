"""Single places where a rule was broken, one by one or many of one rule at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from watcher.model.codes import CODES
from watcher.model.findings import Level, Occurrence, Sample, Severity
from watcher.model.occurrences import occurrence
from watcher.text import printable

__all__ = ["SHOWN_CHARACTERS", "Breaches", "Numbers", "occurrence", "shown"]

#: How many characters of a cell are shown.
SHOWN_CHARACTERS = 80
#: How many values the advice of a finding is for.
_ADVISED = 20

Numbers = npt.NDArray[np.int64]


def shown(value: str) -> str:
    """A cell's text, bounded and printable."""
    return printable(value, SHOWN_CHARACTERS)


@dataclass(frozen=True, slots=True, eq=False)
class Breaches:
    """All places in a chunk where one rule was broken: an `Occurrence` each, without an object for each.

    `lines` and `records` are as in `Chunk`, one for each place, in any order; record 0 is none. `values` are the cells
    as text, as long as `lines` and not yet bounded or printable; None for nothing to show. `file`, `column` and `rule`
    are printable.

    `message` is true of each place; `message_of`, where it is set, says more of the one at an index. `advice` None is
    that of the code; `advice_for` knows better advice for some values, None if it does not.
    """

    code: str
    message: str
    file: str
    lines: Numbers
    records: Numbers
    column: str | None = None
    values: pl.Series | None = None
    severity: Severity = Severity.ERROR
    advice: str | None = None
    rule: str | None = None
    advice_for: Callable[[Iterable[str]], str | None] | None = None
    message_of: Callable[[int], str] | None = None

    def __len__(self) -> int:
        return len(self.lines)

    @property
    def level(self) -> Level:
        return CODES[self.code].level

    @property
    def shown_advice(self) -> str:
        """The finding's advice: for its first values, if there is better than that of the code."""
        if self.advice_for is not None and self.values is not None:
            first = self.in_line_order()[:_ADVISED]
            better = self.advice_for(self.values[int(i)] for i in first)
            if better is not None:
                return better
        return CODES[self.code].advice if self.advice is None else self.advice

    @property
    def first_line(self) -> int:
        """The smallest line; there must be one."""
        return int(self.lines.min())

    def in_line_order(self) -> Numbers:
        """The indices, by line; those of one line stay as they are."""
        if len(self.lines) < 2 or bool((self.lines[1:] >= self.lines[:-1]).all()):  # noqa: PLR2004 (a pair)
            return np.arange(len(self.lines), dtype=np.int64)
        return np.argsort(self.lines, kind="stable")

    def samples(self, most: int) -> list[Sample]:
        """The first so many places."""
        return [self._sample(i) for i in self.in_line_order()[:most].tolist()]

    def occurrences(self) -> Iterator[Occurrence]:
        """Each place as an occurrence, by line."""
        for i in self.in_line_order().tolist():
            value = self._value(i)
            advice = self.advice
            if value is not None and self.advice_for is not None:
                advice = self.advice_for((value,)) or advice
            yield occurrence(
                self.code,
                self.message if self.message_of is None else self.message_of(i),
                severity=self.severity,
                file=self.file,
                line=int(self.lines[i]),
                column=self.column,
                record=int(self.records[i]) or None,
                value=None if value is None else shown(value),
                advice=advice,
                rule=self.rule,
            )

    def _sample(self, index: int) -> Sample:
        value = self._value(index)
        shown_value = None if value is None else shown(value)
        return Sample(int(self.lines[index]), int(self.records[index]) or None, shown_value)

    def _value(self, index: int) -> str | None:
        value: str | None = None if self.values is None else self.values[index]
        return value
