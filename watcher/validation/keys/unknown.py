"""Finds, in the second reading of a file, the rows that refer to something that is not there."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from watcher.schema.model import ColumnType
from watcher.validation.cells.cells import BoundColumn
from watcher.validation.findings.occurrences import Breaches, shown
from watcher.validation.keys.hashes import Flags, Hasher, Hashes, among
from watcher.validation.keys.missing import CODE, Missing
from watcher.validation.keys.tally import Tally
from watcher.validation.keys.targets import FrameHashes, values_of
from watcher.validation.reading.rows import Chunk


class Unknown:
    """The rows of one reference that hold one of the missing values."""

    def __init__(self, bound: BoundColumn, missing: Missing, file: str) -> None:
        self._bound, self._missing, self._file = bound, missing, file
        self._hashes = missing.hashes

    def take(self, chunk: Chunk, hashes: FrameHashes, hasher: Hasher, tally: Tally) -> Iterator[Breaches]:
        """The places of a chunk by the reason why their values are missing, counted in the tally too."""
        found, rows, values = self._hits(chunk, hashes, hasher)
        if not len(rows):
            return
        lines, records = chunk.lines[rows], chunk.numbers[rows]
        tally.add(found, values, lines, records)
        for why, part in self._missing.parts:
            here = among(found, part)
            if here.any():
                yield Breaches(
                    code=CODE,
                    message=why.message,
                    file=self._file,
                    lines=lines[here],
                    records=records[here],
                    column=shown(self._bound.column.name),
                    values=values.filter(pl.Series(here)),
                    severity=self._bound.column.severity,
                    advice=why.advice,
                )

    def _hits(self, chunk: Chunk, hashes: FrameHashes, hasher: Hasher) -> tuple[Hashes, np.ndarray, pl.Series]:
        """Hash, row in the frame and text of each missing value; one that a list holds twice comes once."""
        if self._bound.column.type is ColumnType.ARRAY:
            values = values_of(chunk.frame, self._bound)
            found = hasher(values["value"])
            values = values.filter(among(found, self._hashes)).unique(maintain_order=True)
            rows, texts = values["row"].to_numpy(), values["value"]
            found = hasher(texts)
        else:
            found = hashes.cells(self._bound)
            rows = np.flatnonzero(among(found, self._hashes) & hashes.has_text(self._bound))
            found, texts = found[rows], chunk.frame[self._bound.key][rows]
        if not chunk.damaged:
            return found, rows, texts
        sound = self._sound(chunk, rows)
        return found[sound], rows[sound], texts.filter(pl.Series(sound))

    def _sound(self, chunk: Chunk, rows: np.ndarray) -> Flags:
        """Which rows hold what the file says in this column, and no guess."""
        guessed = [row for row, position in chunk.damaged if position == self._bound.position]
        return ~np.isin(rows, guessed)
