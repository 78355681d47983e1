"""Looks over the rows of a chunk for what the splitter can't know: a header line once more, a cell without end."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from watcher.validation.reading import leftout
from watcher.validation.reading.header import HeaderMatch
from watcher.validation.reading.rows import Chunk, Fault

_MARK = "\ufeff"


@dataclass(frozen=True, slots=True)
class Screen:
    """What a row must not be.

    1. A row whose cells are all those of the header line is `repeated-header`, and no row. One name alone counts only
       where the schema knows it: in a list of words any word may come. In a file without a header line the names are
       those of the schema's columns. A byte-order mark before the first name, and then quotes around it, don't matter:
       so stands the header line of a file that was put behind another one.
    2. Where rows have empty cells beyond the header line (`surplus`), one that holds something there is `ragged-row`.
    3. A cell of more characters than the limit is `cell-too-long`: its row stays, the cell is not judged.
    """

    names: tuple[str, ...]
    header: HeaderMatch
    cell_characters: int | None = None

    def screened(self, chunk: Chunk) -> Chunk:
        """The chunk without such rows, its faults with theirs."""
        if not chunk.frame.height:
            return chunk
        whole = self._without_longer_rows(self._without_headers(chunk))
        return self._without_long_cells(replace(whole, filled=self._filled(whole.frame)))

    def _filled(self, frame: pl.DataFrame) -> frozenset[int]:
        nameless = self.header.nameless
        return frozenset(i for i in nameless if frame[str(i)].null_count() < frame.height)

    def _without_longer_rows(self, chunk: Chunk) -> Chunk:
        width = self.header.width
        beyond = [str(i) for i in range(width - self.header.surplus, width)]
        if all(chunk.frame[key].null_count() == chunk.frame.height for key in beyond):
            return chunk
        is_longer = chunk.frame.select(pl.any_horizontal(pl.col(beyond).is_not_null())).to_series()
        longer = without_rows(chunk, is_longer.arg_true().to_list(), "ragged-row", str(width))
        # What else is wrong with such a row holds all the same.
        found = longer.faults[len(longer.faults) - int(is_longer.sum()) :]
        return replace(longer, faults=(*chunk.faults, *found), many=chunk.many)

    def _without_headers(self, chunk: Chunk) -> Chunk:
        if not (len(self.names) > 1 or self.header.bound):
            return chunk
        wanted = tuple(name or None for name in self.names)
        rows = [row for row in self._candidates(chunk) if _without_mark(chunk.frame.row(row))[: len(wanted)] == wanted]
        return without_rows(chunk, rows, "repeated-header") if rows else chunk

    def _candidates(self, chunk: Chunk) -> list[int]:
        """The rows that have the names in their places, something around the first one at most.

        Hardly any row has even the last name there. A column may be full of its own name, so that is not enough.
        """
        named = [i for i, name in enumerate(self.names) if name]
        if not named:
            return []
        first, *others = named
        is_header = chunk.frame[str(named[-1])] == self.names[named[-1]]
        for i in others[:-1]:
            if not is_header.any():
                return []
            is_header &= chunk.frame[str(i)] == self.names[i]
        if is_header.any():
            is_header &= chunk.frame[str(first)].str.contains(self.names[first], literal=True)
        return is_header.arg_true().to_list()

    def _without_long_cells(self, chunk: Chunk) -> Chunk:
        limit = self.cell_characters
        if limit is None or not chunk.frame.height:
            return chunk
        longest = chunk.frame.select(pl.all().str.len_bytes().max().fill_null(0)).row(0)
        faults: list[Fault] = []
        damaged: set[tuple[int, int]] = set()
        for position in (i for i, size_bytes in enumerate(longest) if size_bytes > limit):
            lengths = chunk.frame[str(position)].str.len_chars()
            for row in (lengths > limit).arg_true().to_list():
                if (row, position) not in chunk.damaged:
                    line, number = int(chunk.lines[row]), int(chunk.numbers[row])
                    found = Fault("cell-too-long", line, number, position, str(lengths[row]), expected=str(limit))
                    faults.append(found)
                    damaged.add((row, position))
        return replace(chunk, faults=(*chunk.faults, *faults), damaged=chunk.damaged | damaged) if faults else chunk


def _without_mark(cells: tuple[str | None, ...]) -> tuple[str | None, ...]:
    """The cells, the first as it would be at the beginning of a file."""
    first, *others = cells
    if first is None or not first.startswith(_MARK):
        return cells
    text = first.removeprefix(_MARK)
    return (text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text, *others)


def without_rows(chunk: Chunk, rows: list[int], code: str, found: str = "") -> Chunk:
    """The chunk without these rows of its frame, a fault for each; `records` still counts them."""
    faults = [Fault(code, int(chunk.lines[row]), int(chunk.numbers[row]), found=found) for row in rows]
    rest = leftout.without(chunk, np.sort(chunk.numbers[rows]))
    return replace(rest, faults=(*rest.faults, *faults))
