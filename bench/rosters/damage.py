"""Plants wrong rows of every kind in a sound file, evenly, and says exactly what is wrong on which line."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random

from bench.rosters.kinds import Kind, Mistake, Place, Planted, quoted
from bench.rosters.kinds_by_table import KINDS

#: A damaged row needs sound ones about it: one that is remembered, one that may be quoted.
_LEAST_STRIPE = 4


def damage(
    source: Path, target: Path, *, table: str, count: int = 20_000, seed: int = 1, crlf: bool = False, bom: bool = False
) -> tuple[Mistake, ...]:
    """Write the source with so many rows damaged, or made to look so, and give what is wrong, in order.

    Args:
        source: a file of `rosters.writing` in its plainest form: no quotes, LF, UTF-8.
        target: the file to write.
        table: which table it is.
        count: of damaged rows, decoys included.
        seed: for where they stand and in which order the kinds come.
        crlf: end the lines with CRLF; those inside of cells stay as they are.
        bom: begin with a byte-order mark.

    Raises ValueError if the source has too few rows for so much damage, or quotes.
    """
    stripe = (_lines(source) - 1) // count
    if stripe < _LEAST_STRIPE:
        raise ValueError(f"the file has too few rows for {count} damaged ones")
    with source.open("rb") as reader, target.open("wb") as writer:
        if bom:
            writer.write(codecs.BOM_UTF8)
        header = reader.readline().rstrip(b"\n")
        end = b"\r\n" if crlf else b"\n"
        writer.write(header + end)
        planter = _Planter(header, _kinds(table, count, Random(seed)), stripe, Random(seed), crlf)
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


def _kinds(table: str, count: int, random: Random) -> Iterator[Kind]:
    """So many kinds: all of them in ever new order, the rare ones in the first rounds only."""
    given = 0
    for turn in range(count):
        round_ = [kind for kind in KINDS[table] if kind.most is None or turn < kind.most]
        random.shuffle(round_)
        yield from round_[: count - given]
        given += len(round_)
        if given >= count:
            return


class _Planter:
    """Takes the rows one by one; the first of each stripe stays sound, one of the others is damaged."""

    def __init__(self, header: bytes, kinds: Iterator[Kind], stripe: int, random: Random, crlf: bool) -> None:
        self.mistakes: list[Mistake] = []
        self._header, self._names = header, header.decode().split(",")
        self._kinds, self._stripe, self._random, self._crlf = kinds, stripe, random, crlf
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
        kind = next(self._kinds, None) if is_damage else None
        self._must_quote = False
        if kind is None:
            return data if is_damage else quoted(cells)
        planted = kind.plant(Place(cells, self._line, self._row, self._other, self._header))
        self.mistakes += planted.mistakes
        self._must_quote = planted.is_open
        return planted.data


__all__ = ["Mistake", "Planted", "damage", "write_mistakes"]
