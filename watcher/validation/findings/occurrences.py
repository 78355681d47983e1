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
#: Of longer values nobody asks what was meant.
_ADVISED_CHARACTERS = 10_000

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

    `asked` tells what was asked for from other things of the same code that the column asks for; None if it asks for
    one.

    `told_at` orders the places where they are told one by one: the line that it takes to know of a place, where that is
    a later one, so that the order does not depend on how the file was cut. None: `lines`.
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
    asked: str | None = None
    advice_for: Callable[[Iterable[str]], str | None] | None = None
    message_of: Callable[[int], str] | None = None
    told_at: Numbers | None = None

    def __len__(self) -> int:
        return len(self.lines)

    @property
    def level(self) -> Level:
        return CODES[self.code].level

    @property
    def plain_advice(self) -> str:
        """The advice whatever the values are."""
        return CODES[self.code].advice if self.advice is None else self.advice

    def advice_on(self, values: Iterable[str]) -> str:
        """The advice for some values."""
        better = None if self.advice_for is None else self.advice_for(values)
        return self.plain_advice if better is None else better

    def first_values(self, most: int) -> list[str | None]:
        """The values of the first so many places; None for one that is too long to be kept."""
        found = () if self.values is None else (self.values[i] for i in _order(self.lines)[:most].tolist())
        return [value if len(value) <= _ADVISED_CHARACTERS else None for value in found]

    @property
    def first_line(self) -> int:
        """The smallest line; there must be one."""
        return int(self.lines.min())

    @property
    def first_told(self) -> int:
        """With which line the first place is told."""
        return int(self._told_at.min())

    @property
    def _told_at(self) -> Numbers:
        return self.lines if self.told_at is None else self.told_at

    def samples(self, most: int) -> list[Sample]:
        """The first so many places."""
        return [self._sample(i) for i in _order(self.lines)[:most].tolist()]

    def occurrences(self) -> Iterator[tuple[int, Occurrence]]:
        """Each place as an occurrence, in the order of telling, with the line that this goes by."""
        told_at = self._told_at
        for i in _order(told_at).tolist():
            value = self._value(i)
            advice = self.advice
            if value is not None and self.advice_for is not None:
                advice = self.advice_for((value,)) or advice
            found = occurrence(
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
            yield int(told_at[i]), found

    def _sample(self, index: int) -> Sample:
        value = self._value(index)
        shown_value = None if value is None else shown(value)
        return Sample(int(self.lines[index]), int(self.records[index]) or None, shown_value)

    def _value(self, index: int) -> str | None:
        value: str | None = None if self.values is None else self.values[index]
        return value


def _order(lines: Numbers) -> Numbers:
    """The indices, by line; those of one line stay as they are."""
    if len(lines) < 2 or bool((lines[1:] >= lines[:-1]).all()):  # noqa: PLR2004 (a pair)
        return np.arange(len(lines), dtype=np.int64)
    return np.argsort(lines, kind="stable")
