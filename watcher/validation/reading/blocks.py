"""Reads a file block by block, in bounded memory: quickly where that is proved exact, exactly everywhere else.

A block is *cut* first, in file order: its survey tells its records, lines and where the next block starts. Then it is
*parsed*, which needs nothing but the block, so that several can be parsed at once:

1. Quick: polars parses it, and the bytes are proved to add up.
2. Mixed: where that fails, records that stand out (ragged, not UTF-8, a quote that is not legal, ...) are cut out and
   looked at one by one; the rest goes the quick way.
3. Exact: where no record of the block is sure to be whole, every record is split one by one, the last of them to its
   end.

Where the text turns out to be in another encoding than the one it is read in, the block ends before the first record
that shows it, and reading goes on from there in the other one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TypeVar

from watcher.validation.reading.block import NO_CHUNK, Block, Position, Taken, switched
from watcher.validation.reading.encodings import UTF8, Guess, other_encoding
from watcher.validation.reading.mixed import chunk_of
from watcher.validation.reading.pipeline import in_order
from watcher.validation.reading.records import Grammar, Record, records
from watcher.validation.reading.rows import Chunk, Rows
from watcher.validation.reading.source import Source
from watcher.validation.reading.survey import surveys
from watcher.validation.reading.transcode import Text, text_of

Result = TypeVar("Result")

BLOCK_BYTES = 5 * 1024 * 1024
#: So much of a text with escapes is read exactly at a time.
ESCAPED_BYTES = 64 * 1024
#: A file that changes its encoding more often than this is read in the last one, line by line.
MOST_ENCODINGS = 8


def chunks(
    source: Source, grammar: Grammar, width: int, at: Position, *, block_bytes: int | None = None, jobs: int = 1
) -> Iterator[Chunk]:
    """All rows from a position to the end, `width` cells wide. Raises OSError."""
    return worked(source, grammar, width, at, lambda chunk: chunk, block_bytes=block_bytes, jobs=jobs)


def worked(
    source: Source,
    grammar: Grammar,
    width: int,
    at: Position,
    work: Callable[[Chunk], Result],
    *,
    block_bytes: int | None = None,
    jobs: int = 1,
) -> Iterator[Result]:
    """What `work` makes of each chunk of `chunks`, in order; it runs in several threads. Raises OSError."""
    encodings = 0
    text = text_of(source, grammar)
    while True:
        reader = _Reader(text, grammar, width, block_bytes or BLOCK_BYTES, may_switch=encodings < MOST_ENCODINGS)
        taken = None
        with closing(in_order(lambda block: _finished(block, work), reader.blocks(at), jobs)) as results:
            for taken, result in results:
                yield result
                if taken.encoding is not None:
                    break  # what was cut behind it was read wrongly
        if taken is None or taken.encoding is None:
            return
        at, encodings = taken.after, encodings + 1
        raw = text.raw_at(at.offset)
        grammar = replace(grammar, encoding=taken.encoding)
        text = text_of(source, grammar, offset=at.offset, raw=raw)


def _finished(block: Block | Taken, work: Callable[[Chunk], Result]) -> tuple[Taken, Result]:
    """The block parsed and worked on, its rows let go."""
    taken = block.parse() if isinstance(block, Block) else block
    return replace(taken, chunk=NO_CHUNK), work(taken.chunk)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Cuts blocks from a text."""

    text: Text
    grammar: Grammar
    width: int
    block_bytes: int
    may_switch: bool

    def blocks(self, at: Position) -> Iterator[Block | Taken]:
        """The blocks from a position on; one that had to be read exactly comes with its rows."""
        while data := self.text.read(at.offset, self.block_bytes):
            is_last = len(data) < self.block_bytes
            part = self._surveyable(data)
            is_last, data = is_last and len(part) == len(data), part
            before = at
            for found in surveys(data, self.grammar, is_last=is_last):
                block = Block(self.grammar, self.width, found, at, may_switch=self.may_switch)
                at = block.after
                is_raw = isinstance(self.text, Source)
                yield replace(block, end=self.text.raw_at(at.offset), is_raw=is_raw)
            if at == before:
                taken = self._exactly(data, at, is_last=is_last)
                at = taken.after
                yield replace(taken, chunk=replace(taken.chunk, end=self.text.raw_at(at.offset)))

    def _surveyable(self, data: bytes) -> bytes:
        """What lies before the first escape, of which no survey is sure; a little, if that is near."""
        first = data.find(self.grammar.escape) if self.grammar.escape is not None else -1
        return data if first < 0 else data[: max(first, ESCAPED_BYTES)]

    def _exactly(self, data: bytes, at: Position, *, is_last: bool) -> Taken:
        """Every record that starts in the data one by one, the last of them read to its end."""
        more = b"" if is_last else self.text.read(at.offset + len(data), self.grammar.max_record_bytes + 2)
        buffer = data + more
        guess = self._guess(data)
        rows = Rows(self.width, self.grammar.encoding)
        line, number, end = at.line, at.record, 0
        for record in records(buffer, self.grammar, 0, len(data)):
            if record.end > len(data) and guess is None:
                guess = self._guess(buffer[record.start : record.end], record.start)
            if guess is not None and record.end > guess.offset:
                chunk = self._chunk(rows, number - at.record, buffer)
                return switched(chunk, Position(at.offset + end, line, number), guess, self.grammar)
            rows.take(record, line, line + buffer.count(b"\n", record.start, record.fault_at), number)
            line += buffer.count(b"\n", record.start, record.end)
            number += not record.is_blank
            end = record.end
        after = self._past_the_line(Position(at.offset + end, line, number), buffer, end)
        return Taken(self._chunk(rows, number - at.record, buffer), after)

    def _chunk(self, rows: Rows, records: int, buffer: bytes) -> Chunk:
        """Rows out of a buffer; an escape may stand within what tells garbled text, so that no marker is looked for."""
        is_beyond_ascii = self.grammar.encoding == UTF8 and not buffer.isascii()
        return replace(chunk_of(rows, records), may_be_garbled=is_beyond_ascii)

    def _guess(self, part: bytes, offset: int = 0) -> Guess | None:
        """Where a part that begins at an offset seems to go on in another encoding."""
        guess = other_encoding(part, self.grammar.encoding) if self.may_switch else None
        return None if guess is None else replace(guess, offset=guess.offset + offset)

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


__all__ = ["BLOCK_BYTES", "Chunk", "Grammar", "Position", "Record", "chunks", "worked"]
