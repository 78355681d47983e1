"""Finds, in the second reading of a file, the rows whose key (or unique value) stands on another row too.

Every row of a group counts, the first one too: nobody but the sender knows which of them is right. The first row is
told together with the second one, just before it, since only then is it known to be one of several.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from watcher.model.findings import Severity
from watcher.validation.findings.occurrences import Breaches, Numbers, shown
from watcher.validation.keys.hashes import Hashes, among
from watcher.validation.keys.keys import Unique
from watcher.validation.keys.targets import FrameHashes
from watcher.validation.reading.rows import Chunk

#: Longer texts are known by their SHA-256: a quarter of a million of them are kept at once.
_KEPT_CHARACTERS = 200

_Text = tuple[str | None, ...] | str | bytes | None


def _text(cells: Sequence[str | None]) -> _Text:
    """What stands for the cells of a key: equal for equal cells only."""
    if sum(len(cell) for cell in cells if cell is not None) > _KEPT_CHARACTERS:
        return hashlib.sha256(repr(cells).encode("utf-8", "surrogatepass")).digest()
    return cells[0] if len(cells) == 1 else tuple(cells)


@dataclass(slots=True)
class _Groups:
    """The texts that were met: where each stands first, and whether that was told already."""

    index: dict[_Text, int] = field(default_factory=dict)
    lines: array[int] = field(default_factory=lambda: array("q"))
    records: array[int] = field(default_factory=lambda: array("q"))
    is_told: bytearray = field(default_factory=bytearray)

    def add(self, text: _Text, line: int, record: int, *, is_told: bool) -> None:
        self.index[text] = len(self.lines)
        self.lines.append(line)
        self.records.append(record)
        self.is_told.append(is_told)


class Duplicates:
    """The rows of one key whose hash is repeated, by text. `hashes` are the repeated ones, sorted."""

    def __init__(self, unique: Unique, hashes: Hashes, file: str) -> None:
        self._unique, self._hashes, self._file = unique, hashes, file
        self._keys = [bound.key for bound in unique.columns]
        self._met = _Groups()
        names = shown(unique.names)
        self._names = names
        self._subject = f"the key {names}" if unique.is_key else f"the value of {names}"

    def take(self, chunk: Chunk, hashes: FrameHashes) -> Breaches | None:
        """The places of a chunk, and those of earlier ones that turn out to be the first of several."""
        found, has_text = self._unique.row_hashes(hashes)
        rows = np.flatnonzero(among(found, self._hashes) & has_text)
        if not len(rows):
            return None
        rows = rows[np.argsort(chunk.lines[rows], kind="stable")]
        places = chunk.frame.select(self._keys)[rows].with_columns(
            pl.Series("line", chunk.lines[rows]), pl.Series("record", chunk.numbers[rows])
        )
        return self._told(self._with_others(places))

    def _with_others(self, places: pl.DataFrame) -> pl.DataFrame:
        """The places of texts that stand on several rows, with the line of the `other` row, the first where it can."""
        groups = places.group_by(self._keys, maintain_order=True).agg(
            pl.col("line").first().alias("first"),
            pl.col("record").first(),
            pl.col("line").get(1, null_on_oob=True).alias("second"),
        )
        firsts: list[int] = []
        earlier: list[tuple[str | int | None, ...]] = []
        for *cells, line, record, second in groups.iter_rows():
            text = _text(cells)
            i = self._met.index.get(text)
            if i is None:
                self._met.add(text, line, record, is_told=second is not None)
                firsts.append(line)
                continue
            firsts.append(self._met.lines[i])
            if not self._met.is_told[i]:
                self._met.is_told[i] = True
                earlier.append((*cells, self._met.lines[i], self._met.records[i], line))
        groups = groups.select(*self._keys, "second").with_columns(pl.Series("first", firsts, dtype=pl.Int64))
        other = pl.when(pl.col("line") == pl.col("first")).then("second").otherwise("first").alias("other")
        now = places.join(groups, on=self._keys, how="left", nulls_equal=True, maintain_order="left")
        now = now.select(*self._keys, "line", "record", other).drop_nulls("other")
        return pl.concat([pl.DataFrame(earlier, schema=now.schema, orient="row"), now]) if earlier else now

    def _told(self, places: pl.DataFrame) -> Breaches | None:
        if not places.height:
            return None
        cells = [pl.col(key).fill_null("") for key in self._keys]
        values = places.select(pl.concat_str(cells, separator=" + ").alias("value"))["value"]
        lines, others = places["line"].to_numpy(), places["other"].to_numpy()
        return Breaches(
            code="duplicate-key" if self._unique.is_key else "duplicate-value",
            message=f"{self._subject} stands on more than one row, expected it once",
            file=self._file,
            lines=lines,
            records=places["record"].to_numpy(),
            column=self._names,
            values=values,
            severity=Severity.ERROR if self._unique.is_key else self._unique.columns[0].column.severity,
            message_of=self._wording(lines, others),
            told_at=np.maximum(lines, others),  # the first of a group with the second one
        )

    def _wording(self, lines: Numbers, others: Numbers) -> Callable[[int], str]:
        def message_of(i: int) -> str:
            again = "already" if others[i] < lines[i] else "again"
            return f"{self._subject} stands on line {others[i]} {again}, expected it once"

        return message_of
