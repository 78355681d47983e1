"""In which forms the dates of a column are written."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from watcher.schema.dates import read_date

#: Likeliest first: where a text fits several, the first is taken.
DATE_FORMATS = (
    "%Y-%m-%d", "%m/%d/%Y", "%-m/%-d/%Y", "%d/%m/%Y", "%-d/%-m/%Y", "%m-%d-%Y", "%d-%m-%Y", "%d.%m.%Y", "%-d.%-m.%Y",
    "%Y/%m/%d", "%m/%d/%y", "%-m/%-d/%y", "%d-%b-%Y", "%d %b %Y", "%-d %b %Y", "%b %-d, %Y", "%B %-d, %Y",
    "%-d %B %Y", "%Y%m%d",
)  # fmt: skip
ISO = ("%Y-%m-%d",)
#: Months before days, and the other way round: what fits both can't be told apart.
TWINS = {"%m/%d/%Y": "%d/%m/%Y", "%-m/%-d/%Y": "%-d/%-m/%Y", "%m-%d-%Y": "%d-%m-%Y"}
_YEARS = range(1850, 2201)
#: More distinct days than these are no dates of people or schools.
_MOST_DAYS = 60_000


@dataclass(slots=True)
class DateForms:
    """Which sets of formats the values so far fit: `{('%m/%d/%Y', '%d/%m/%Y'), ('%m/%d/%Y',)}`."""

    fits: set[tuple[str, ...]] = field(default_factory=set)

    def take(self, distinct: pl.Series) -> bool:
        """Whether all these values are dates too."""
        if len(distinct) > _MOST_DAYS or not distinct.str.contains("^[0-9A-Za-z ,./-]{6,20}$").all():
            return False
        for text in distinct.to_list():
            fits = tuple(form for form in DATE_FORMATS if _reads(text, form))
            if not fits:
                return False
            self.fits.add(fits)
        return True

    def formats(self) -> tuple[str, ...]:
        """The fewest formats with which every value is read, likeliest first; nothing if there were no values."""
        left, chosen = set(self.fits), []
        while left:
            best = max(DATE_FORMATS, key=lambda form: sum(form in fits for fits in left))
            chosen.append(best)
            left = {fits for fits in left if best not in fits}
        return tuple(form for form in DATE_FORMATS if form in chosen)

    def may_be_other_way_round(self, formats: tuple[str, ...]) -> bool:
        """Whether the same values could be read with day and month exchanged."""
        return any(all(TWINS.get(form) in fits for fits in self.fits) for form in formats)


def _reads(text: str, form: str) -> bool:
    found = read_date(text, (form,))
    return found is not None and found.year in _YEARS
