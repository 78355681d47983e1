"""Plants wrong rows of every kind in a sound file, evenly, and says exactly what is wrong on which line."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from random import Random

from bench.rosters.kinds import Kind, Mistake, Place, quoted
from bench.rosters.kinds_by_table import KINDS

#: A damaged row needs sound ones about it: one that is remembered, one that may be quoted.
_LEAST_STRIPE = 4


@dataclass(frozen=True, slots=True)
class Dose:
    """How much damage: `count` rows, decoys included. `seed` is for where they stand and which kind comes when.

    With `crlf` lines end with CRLF (those inside of cells stay as they are), with `bom` a byte-order mark comes first,
    with `cells_only` only kinds are planted that any reader of CSV can split.
    """

    count: int = 20_000
    seed: int = 1
    crlf: bool = False
    bom: bool = False
    cells_only: bool = False


def damage(
    source: Path, target: Path, table: str, dose: Dose, kinds: Sequence[Kind] | None = None
) -> tuple[Mistake, ...]:
    """Write the source with so many rows damaged, or made to look so, and give what is wrong, in order.

    Args:
        source: a file of `rosters.writing` in its plainest form: no quotes, LF, UTF-8.
        target: the file to write.
        table: which table it is.
        dose: how much, and how it is written.
        kinds: what may happen to a row; None: what the table is known to suffer.

    Raises ValueError if the source has too few rows for so much damage, or quotes.
    """
    stripe = (_lines(source) - 1) // dose.count
    if stripe < _LEAST_STRIPE:
        raise ValueError(f"the file has too few rows for {dose.count} damaged ones")
    with source.open("rb") as reader, target.open("wb") as writer:
        if dose.bom:
            writer.write(codecs.BOM_UTF8)
        header = reader.readline().rstrip(b"\n")
        end = b"\r\n" if dose.crlf else b"\n"
        writer.write(header + end)
        planter = _Planter(
            header,
            islice(_kinds(KINDS[table] if kinds is None else kinds, dose), dose.count),
            stripe,
            Random(dose.seed),
        )
        for line in reader:
            writer.write(planter.take(line[:-1]) + end)
    return tuple(sorted(planter.mistakes))


def write_mistakes(mistakes: Iterable[Mistake], path: Path) -> None:
    """Write the list as CSV: line, column, code."""
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(Mistake._fields)
        writer.writerows(mistakes)


def _lines(path: Path) -> int:
    with path.open("rb") as stream:
        return sum(block.count(b"\n") for block in iter(lambda: stream.read(1 << 22), b""))


def _kinds(given: Sequence[Kind], dose: Dose) -> Iterator[Kind]:
    """Enough kinds: all of them in ever new order, the rare ones in the first rounds only."""
    random = Random(dose.seed)
    known = [kind for kind in given if kind.is_cell or not dose.cells_only]
    for turn in range(dose.count):
        kinds = [kind for kind in known if kind.most is None or turn < kind.most]
        yield from random.sample(kinds, len(kinds))


class _Planter:
    """Takes the rows one by one; the first of each stripe stays sound, one of the others is damaged."""

    def __init__(self, header: bytes, kinds: Iterator[Kind], stripe: int, random: Random) -> None:
        self.mistakes: list[Mistake] = []
        self._header, self._names = header, header.decode().split(",")
        self._kinds, self._stripe, self._random = kinds, stripe, random
        self._line, self._row, self._at = 2, 0, 0
        self._other = (0, b"")
        self._must_quote = False

    def take(self, data: bytes) -> bytes:
        """What is to be written instead of a row, without its line end."""
        place = self._row % self._stripe
        if place == 0:
            self._other = (self._line, data.partition(b",")[0])
            self._at = self._random.randrange(1, self._stripe - 1)
        elif place == self._at or self._must_quote:
            data = self._changed(data, is_damage=place == self._at)
        self._row += 1
        self._line += 1 + data.count(b"\n")
        return data

    def _changed(self, data: bytes, *, is_damage: bool) -> bytes:
        if b'"' in data:
            raise ValueError("the file to damage has quotes; write it without lists and line breaks")
        cells = dict(zip(self._names, data.split(b","), strict=True))
        self._must_quote = False
        if not is_damage:
            return quoted(cells)
        kind = next(self._kinds, None)
        if kind is None:
            return data
        planted = kind.plant(Place(cells, self._line, self._row, self._other, self._header))
        self.mistakes += planted.mistakes
        self._must_quote = planted.is_open
        return planted.data
