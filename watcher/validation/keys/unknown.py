"""Finds, in the second reading of a file, the rows that refer to something that is not there."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl

from watcher.schema.model import ColumnType, Reference
from watcher.validation.cells.cells import BoundColumn
from watcher.validation.findings.occurrences import Breaches, shown
from watcher.validation.keys.hashes import Flags, Hasher, Hashes, among
from watcher.validation.keys.keys import Missing, Reason
from watcher.validation.keys.tally import Tally
from watcher.validation.keys.targets import FrameHashes, values_of
from watcher.validation.reading.rows import Chunk

_LISTED = 6


def where_met(reference: Reference) -> str:
    """`orgs.sourcedId where type is school or district`."""
    conditions = " and ".join(f"{name} is {_listed(texts)}" for name, texts in reference.where)
    return f"{reference} where {conditions}" if conditions else str(reference)


def where_unmet(reference: Reference) -> Reason:
    """Why a value that is in the file does not count: `its type is not school`."""
    if len(reference.where) > 1:
        rows = f"one of {where_met(reference)}"
        return Reason(f"its row is not {rows}", f"their rows are not {rows}")
    [(name, texts)] = reference.where
    unmet = f"{name} is not {_listed(texts)}"
    return Reason(f"its {unmet}", f"their {unmet}")


class Unknown:
    """The rows of one reference that hold one of the missing values."""

    def __init__(self, bound: BoundColumn, reference: Reference, missing: Missing, file: str) -> None:
        self._bound, self._reference, self._missing, self._file = bound, reference, missing, file
        self._message = _summary(reference, missing)

    def take(self, chunk: Chunk, hashes: FrameHashes, hasher: Hasher, tally: Tally) -> Breaches | None:
        """The places of a chunk, counted in the tally too."""
        found, rows, values = self._hits(chunk, hashes, hasher)
        if not len(rows):
            return None
        lines, records = chunk.lines[rows], chunk.numbers[rows]
        tally.add(found, values, lines, records)
        return Breaches(
            code="unknown-reference",
            message=self._message,
            file=self._file,
            lines=lines,
            records=records,
            column=shown(self._bound.column.name),
            values=values,
            severity=self._bound.column.severity,
            advice=self._missing.advice,
            message_of=self._wording(found) if self._missing.there else None,
        )

    def _hits(self, chunk: Chunk, hashes: FrameHashes, hasher: Hasher) -> tuple[Hashes, np.ndarray, pl.Series]:
        """Hash, row in the frame and text of each missing value; one that a list holds twice comes once."""
        if self._bound.column.type is ColumnType.ARRAY:
            values = values_of(chunk.frame, self._bound)
            found = hasher(values["value"])
            values = values.filter(among(found, self._missing.hashes)).unique(maintain_order=True)
            rows, texts = values["row"].to_numpy(), values["value"]
            found = hasher(texts)
        else:
            found = hashes.cells(self._bound)
            rows = np.flatnonzero(among(found, self._missing.hashes) & hashes.has_text(self._bound))
            found, texts = found[rows], chunk.frame[self._bound.key][rows]
        if not chunk.damaged:
            return found, rows, texts
        sound = self._sound(chunk, rows)
        return found[sound], rows[sound], texts.filter(pl.Series(sound))

    def _sound(self, chunk: Chunk, rows: np.ndarray) -> Flags:
        """Which rows hold what the file says in this column, and no guess."""
        guessed = [row for row, position in chunk.damaged if position == self._bound.position]
        return ~np.isin(rows, guessed)

    def _wording(self, found: Hashes) -> Callable[[int], str]:
        """The message of each place: why this value does not count."""

        def message_of(i: int) -> str:
            for reason, there in self._missing.there:
                if among(found[i : i + 1], there)[0]:
                    return _is_there(self._reference, reason)
            return _is_not_there(self._reference)

        return message_of


def _summary(reference: Reference, missing: Missing) -> str:
    """The finding's message: the reason that all missing values share, or how many of them have which."""
    total = len(missing.hashes)
    for reason, there in missing.there:
        if len(there) == total:
            return _is_there(reference, reason)
    parts = [
        f"1 of {total:,} values is in {reference}, but {reason.of_one}"
        if len(there) == 1
        else f"{len(there):,} of {total:,} values are in {reference}, but {reason.of_several}"
        for reason, there in missing.there
        if len(there)
    ]
    return "; ".join([_is_not_there(reference), *parts])


def _is_not_there(reference: Reference) -> str:
    return f"the value is not in {where_met(reference)}, expected one that is"


def _is_there(reference: Reference, reason: Reason) -> str:
    return f"the value is in {reference}, but {reason.of_one}, expected one of {where_met(reference)}"


def _listed(texts: tuple[str, ...]) -> str:
    """`school, district or 3 others`."""
    shown_texts = [shown(text) or "empty" for text in texts[:_LISTED]]
    more = len(texts) - len(shown_texts)
    last = f"{more} others" if more else shown_texts.pop()
    return f"{', '.join(shown_texts)} or {last}" if shown_texts else last
