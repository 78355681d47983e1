"""What all values of a column have in common, gathered chunk by chunk in bounded memory."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

from watcher.drafting.datetimes import DateForms

#: A column with more distinct values is no enumeration.
MOST_VALUES = 20
#: Forms that a value may have, as Rust's regular expressions. No two need exclude each other.
FORMS = {
    "integer": r"^-?[0-9]{1,18}$",
    "number": r"^-?[0-9]{1,15}(?:\.[0-9]{1,30})?$",
    "plain": r"^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?$",  # no leading zero
    "digits": r"^[0-9]+$",
    "date-time": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[-+][0-9]{2}:[0-9]{2})$",
    "uuid": r"^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$",
    "email": r"^[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)+$",
}
_SHAPE = r"^[0-9A-Za-z._/ -]{1,64}$"


@dataclass(slots=True)
class Profile:
    """One column so far. `values` counts distinct values, None once they are many.

    `is_unique`: no cell is empty and no value stands twice in any file that was ended. `hashes` are those of the file
    that is being read, None once one repeats. Equal hashes of unequal values would count as one value.
    """

    name: str
    rows: int = 0
    empty: int = 0
    longest: int = 0
    forms: set[str] = field(default_factory=lambda: set(FORMS))
    values: dict[str, int] | None = field(default_factory=dict)
    dates: DateForms | None = field(default_factory=DateForms)
    shapes: set[str] | None = field(default_factory=set)
    hashes: list[npt.NDArray[np.uint64]] | None = field(default_factory=list)
    is_unique: bool = True

    @property
    def filled(self) -> int:
        """How many cells hold a value."""
        return self.rows - self.empty

    def take(self, cells: pl.Series) -> None:
        """The next cells, null for an empty one."""
        self.rows += len(cells)
        self.empty += cells.null_count()
        full = cells.drop_nulls()
        distinct = full.unique()
        self._hash(cells, len(distinct))
        if len(distinct):
            self._measure(distinct)
            self._count(full, len(distinct))

    def take_empty(self, rows: int) -> None:
        """So many rows without a cell in this column."""
        self.rows += rows
        self.empty += rows
        if rows:
            self.is_unique, self.hashes = False, None

    def end_file(self) -> None:
        """The file that was read is at its end: the next one may have the same values again."""
        self.is_unique = self.is_unique and self.hashes is not None and are_distinct(self.hashes)
        self.hashes = [] if self.is_unique else None

    def _hash(self, cells: pl.Series, distinct: int) -> None:
        if self.hashes is None:
            return
        if cells.null_count() or distinct < len(cells):
            self.hashes = None
        elif len(cells):
            self.hashes.append(cells.hash(seed=1).to_numpy())

    def _measure(self, distinct: pl.Series) -> None:
        frame = distinct.to_frame("v")
        asked = [pl.col("v").str.contains(FORMS[form]).all().alias(form) for form in self.forms]
        found = frame.select(pl.col("v").str.len_chars().max().alias("longest"), *asked).row(0, named=True)
        self.longest = max(self.longest, found["longest"])
        self.forms = {form for form in self.forms if found[form]}
        if self.dates is not None and not self.dates.take(distinct):
            self.dates = None
        if self.shapes is not None:
            self.shapes = self._shapes(distinct)

    def _shapes(self, distinct: pl.Series) -> set[str] | None:
        """The shapes so far, digits as 9, letters as A and a; None once there are several, or other characters."""
        if not distinct.str.contains(_SHAPE).all():
            return None
        shaped = distinct.str.replace_all("[0-9]", "9").str.replace_all("[A-Z]", "A").str.replace_all("[a-z]", "a")
        found = (self.shapes or set()) | set(shaped.unique().head(2).to_list())
        return found if len(found) == 1 else None

    def _count(self, full: pl.Series, distinct: int) -> None:
        if self.values is None:
            return
        if distinct > MOST_VALUES:
            self.values = None
            return
        for value, count in full.alias("v").value_counts(name="n").iter_rows():
            self.values[value] = self.values.get(value, 0) + count
        if len(self.values) > MOST_VALUES:
            self.values = None


def are_distinct(hashes: list[npt.NDArray[np.uint64]]) -> bool:
    """Whether there are any, and all are different."""
    joined = np.sort(np.concatenate(hashes)) if hashes else np.zeros(0, dtype=np.uint64)
    return bool(len(joined)) and not bool((joined[1:] == joined[:-1]).any())
