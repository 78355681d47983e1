"""Reads a file block by block, in bounded memory: quickly where that is proved exact, exactly everywhere else.

1. Quick: the block's records are surveyed, polars parses them, and the bytes are proved to add up.
2. Mixed: where that fails but all quotes are legal, records that stand out (ragged, not UTF-8, ...) are cut out and
   looked at one by one; the rest goes the quick way.
3. Exact: with an illegal quote in the block, the block is read again in small ones, and in those of them that have one
   every record is split one by one.

Each block starts where a record does: a record that crosses the end of its block belongs to the next one, or, on the
exact way, is read to its end before the next block starts.

Where the text turns out to be in another encoding than the one it is read in, the block ends before the first record
that shows it, and reading goes on from there in the other one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from watcher.validation import mixed, quick
from watcher.validation.encodings import ASCII, UTF8, Guess, other_encoding
from watcher.validation.records import Grammar, Record, records
from watcher.validation.rows import Chunk, Fault, Rows, merged
from watcher.validation.source import Source
from watcher.validation.survey import Offsets, Survey, survey
from watcher.validation.transcode import Text, text_of

BLOCK_BYTES = 8 * 1024 * 1024
#: Quick reading is hardly worth its fixed costs below this.
SMALL_BLOCK_BYTES = 64 * 1024
#: A file that changes its encoding more often than this is read in the last one, line by line.
MOST_ENCODINGS = 8
_EMPTY: Offsets = np.zeros(0, dtype=np.int64)


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


def chunks(
    source: Source,
    grammar: Grammar,
    width: int,
    at: Position,
    *,
    block_bytes: int = BLOCK_BYTES,
    small_bytes: int = SMALL_BLOCK_BYTES,
) -> Iterator[Chunk]:
    """All rows from a position to the end, `width` cells wide. Raises OSError."""
    text = text_of(source, grammar)
    small_until = encodings = 0
    while True:
        wanted = small_bytes if at.offset < small_until else block_bytes
        data = text.read(at.offset, wanted)
        if not data:
            return
        block = Block(text, grammar, width, data, at, is_last=len(data) < wanted, may_switch=encodings < MOST_ENCODINGS)
        taken = block.quickly()
        if taken is None and wanted > small_bytes:
            small_until = at.offset + len(data)
            continue
        taken = taken or block.exactly()
        at = taken.after
        raw = text.raw_at(at.offset)
        yield replace(taken.chunk, end=raw)
        if taken.encoding is not None:
            grammar = replace(grammar, encoding=taken.encoding)
            text = text_of(source, grammar, offset=at.offset, raw=raw)
            encodings += 1


@dataclass(frozen=True, slots=True)
class Block:
    """One block, which starts where a record does."""

    text: Text
    grammar: Grammar
    width: int
    data: bytes
    at: Position
    is_last: bool
    may_switch: bool = True

    def quickly(self) -> Taken | None:
        """The quick or the mixed way; None if neither can be proved."""
        found = survey(self.data, self.grammar, is_last=self.is_last)
        if found is None:
            return None
        is_narrow = self.grammar.encoding == UTF8
        guess = None if is_narrow else self._other_encoding()
        frame = None if guess or self._must_be_ascii() else quick.parse(found, self.grammar, self.width)
        if frame is not None:
            numbers = np.arange(self.at.record, self.at.record + frame.height, dtype=np.int64)
            return self._whole(found, Chunk(frame, found.lines(self.at.line), numbers, 0, frame.height))
        if guess is None and is_narrow:
            guess = self._other_encoding()
        if guess is not None:
            return self._up_to(found, guess)
        chunk = mixed.parse(found, self.grammar, self.width, self.at.line, self.at.record)
        return None if chunk is None else self._whole(found, chunk)

    def exactly(self) -> Taken:
        """Every record of the block one by one, the last of them read to its end."""
        stop = len(self.data)
        more = b"" if self.is_last else self.text.read(self.at.offset + stop, self.grammar.max_record_bytes + 2)
        buffer = self.data + more
        guess = self._other_encoding()
        rows = Rows(self.width, self.grammar.encoding)
        line, number, end = self.at.line, self.at.record, 0
        for record in records(buffer, self.grammar, 0, stop):
            if guess is not None and record.end > guess.offset:
                return self._switched(self._chunk(rows, number), Position(self.at.offset + end, line, number), guess)
            rows.take(record, line, line + buffer.count(b"\n", record.start, record.fault_at), number)
            line += buffer.count(b"\n", record.start, record.end)
            number += not record.is_blank
            end = record.end
        after = self._past_the_line(Position(self.at.offset + end, line, number), buffer, end)
        return Taken(self._chunk(rows, number), after)

    def _whole(self, found: Survey, chunk: Chunk) -> Taken:
        offset, line = self.at.offset + len(found.data), self.at.line + len(found.line_ends)
        return Taken(chunk, Position(offset, line, self.at.record + chunk.records))

    def _must_be_ascii(self) -> bool:
        """Whether there is more than ASCII where there must not be."""
        return self.grammar.encoding == ASCII and not self.data.isascii()

    def _other_encoding(self) -> Guess | None:
        """Where the text seems to go on in another encoding."""
        if not self.may_switch:
            return None
        lines = self.data if self.is_last else self.data[: self.data.rfind(b"\n") + 1]
        return other_encoding(lines, self.grammar.encoding)

    def _up_to(self, found: Survey, guess: Guess) -> Taken | None:
        """The records before the one that shows another encoding."""
        starts = found.starts
        end = int(starts[np.searchsorted(starts, guess.offset, side="right") - 1])
        if end == 0:
            return self._switched(self._chunk(Rows(self.width), self.at.record), self.at, guess)
        before = replace(self, data=found.data[:end], is_last=True, may_switch=False)
        taken = before.quickly()
        return None if taken is None else self._switched(taken.chunk, taken.after, guess)

    def _switched(self, chunk: Chunk, after: Position, guess: Guess) -> Taken:
        fault = Fault("wrong-encoding", after.line, found=guess.encoding, expected=self.grammar.encoding)
        return Taken(replace(chunk, faults=(*chunk.faults, fault)), after, guess.encoding)

    def _chunk(self, rows: Rows, number: int) -> Chunk:
        """The rows as a chunk, up to before the record of this number."""
        empty = Chunk(rows.frame().clear(), _EMPTY, _EMPTY, 0, number - self.at.record)
        return merged(empty, rows)

    def _past_the_line(self, at: Position, buffer: bytes, end: int) -> Position:
        """Where the line ends that the last record, too long for the buffer, stands on."""
        if end < len(buffer) or buffer.endswith(b"\n"):
            return at
        offset = at.offset
        while part := self.text.read(offset, BLOCK_BYTES):
            if (found := part.find(b"\n")) >= 0:
                return Position(offset + found + 1, at.line + 1, at.record)
            offset += len(part)
        return Position(offset, at.line, at.record)


__all__ = ["BLOCK_BYTES", "Block", "Chunk", "Grammar", "Position", "Record", "Taken", "chunks"]
