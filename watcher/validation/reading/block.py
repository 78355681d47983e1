"""One block of whole records, cut from a text: parsed to a chunk of rows, in any thread."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from watcher.validation.reading import mixed
from watcher.validation.reading.bits import Offsets
from watcher.validation.reading.encodings import ASCII, UTF8, Guess, has_enough_broken_lines, other_encoding
from watcher.validation.reading.garbled import may_be_garbled
from watcher.validation.reading.mixed import Start, chunk_of
from watcher.validation.reading.places import stretch_of
from watcher.validation.reading.records import Grammar
from watcher.validation.reading.rows import Chunk, Fault, Rows, Stretch
from watcher.validation.reading.survey import Survey

_EMPTY: Offsets = np.zeros(0, dtype=np.int64)
NO_CHUNK = Chunk(pl.DataFrame(), _EMPTY, _EMPTY, 0, 0)


@dataclass(frozen=True, slots=True)
class Position:
    """A place between two records: offset in the text, physical line (1-based), number of the next record (1-based)."""

    offset: int = 0
    line: int = 1
    record: int = 1


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a block: a chunk, where the next block starts, the encoding from there on if it is another one."""

    chunk: Chunk
    after: Position
    encoding: str | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """A surveyed block that begins at a position. `end` is the offset behind it in bytes of the file as it is.

    `is_raw`: the text is the file.
    """

    grammar: Grammar
    width: int
    found: Survey
    at: Position
    may_switch: bool = True
    end: int = 0
    is_raw: bool = False

    @property
    def after(self) -> Position:
        """Where the next block starts."""
        return self._at_record(self.found.rows)

    @property
    def _start(self) -> Start:
        return Start(self.at.line, self.at.record)

    def parse(self) -> Taken:
        """The rows of the block; of an encoding that turns out to be wrong, those before."""
        taken = self._parsed()
        if taken.encoding is not None:
            return taken
        suspect = self.grammar.encoding == UTF8 and may_be_garbled(self.found.data)
        return replace(taken, chunk=replace(taken.chunk, stretch=self._stretch(), may_be_garbled=suspect))

    def _stretch(self) -> Stretch | None:
        return stretch_of(self.found, self._start, self.at.offset, self.grammar.encoding) if self.is_raw else None

    def _parsed(self) -> Taken:
        is_utf8 = self.grammar.encoding == UTF8
        guess = None if is_utf8 else self._guess()
        sorts = mixed.sorted_out(self.found, self.grammar, self.width)
        if guess is None and not self._must_be_ascii():
            frame = mixed.quickly(self.found, sorts, self.grammar)
            if frame is not None:
                return self._whole(frame)
        undecodable = mixed.undecodable(self.found, self.grammar)
        if is_utf8 and has_enough_broken_lines(self.found.text_of(undecodable)):
            guess = self._guess()
        if guess is not None:
            return self._up_to(guess)
        chunk = mixed.parse(self.found, sorts, undecodable, self.grammar, self._start)
        return Taken(replace(chunk, end=self.end), self.after)

    def _whole(self, frame: pl.DataFrame) -> Taken:
        """Every record is a row."""
        numbers = np.arange(self.at.record, self.at.record + frame.height, dtype=np.int64)
        return Taken(Chunk(frame, self.found.lines(self.at.line), numbers, self.end, frame.height), self.after)

    def _guess(self) -> Guess | None:
        return other_encoding(self.found.data, self.grammar.encoding) if self.may_switch else None

    def _must_be_ascii(self) -> bool:
        """Whether there is more than ASCII where there must not be."""
        return self.grammar.encoding == ASCII and not self.found.data.isascii()

    def _up_to(self, guess: Guess) -> Taken:
        """The records before the one that shows another encoding."""
        index = int(np.searchsorted(self.found.bounds, guess.offset, side="right")) - 1
        after = self._at_record(index)
        if index == 0:
            return switched(chunk_of(Rows(self.width), 0), after, guess, self.grammar)
        before = replace(self, found=self.found.until(index), may_switch=False)
        return switched(before.parse().chunk, after, guess, self.grammar)

    def _at_record(self, index: int) -> Position:
        """Where the record of this index begins, or the one behind the last."""
        found = self.found if index == self.found.rows else self.found.until(index)
        taken = index - int(np.count_nonzero(found.blank()))
        return Position(self.at.offset + len(found.data), self.at.line + found.lines_ended, self.at.record + taken)


def switched(chunk: Chunk, after: Position, guess: Guess, grammar: Grammar) -> Taken:
    """A chunk that ends where another encoding begins, and says so."""
    fault = Fault("wrong-encoding", after.line, found=guess.encoding, expected=grammar.encoding)
    return Taken(replace(chunk, faults=(*chunk.faults, fault)), after, guess.encoding)
