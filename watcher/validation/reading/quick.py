"""The quick reader: polars parses a block, and arithmetic on bytes proves that it parsed what is really there.

polars alone is not to be believed: it pads short rows, takes quotes by parity, drops a CR, a byte-order mark, an
empty cell too many at the very end. So the delimiters of each record are counted before it comes here, and then every
byte is accounted for: cells, delimiters, line ends, quotes. If the sum is right, nothing was lost, added or moved; if
not, or if polars refuses, there is no result and the exact reader decides.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from watcher.validation.reading.records import Grammar

#: How compressed data begins (zlib, gzip, zstandard); polars would unpack a text that happens to begin so.
_PACKED = (b"x\x01", b"x\x5e", b"x\x9c", b"x\xda", b"\x1f\x8b", b"\x28\xb5\x2f\xfd")


@dataclass(frozen=True, slots=True)
class Plain:
    """Records of `width` cells each, no more and no less, with nothing in them that polars reads in its own way.

    `structure_bytes` counts the bytes of `data` that are no text of a cell.
    """

    data: bytes
    rows: int
    width: int
    structure_bytes: int
    has_quotes: bool


def parse(plain: Plain, grammar: Grammar) -> pl.DataFrame | None:
    """The cells as text, columns named by position, an empty cell null; None if not proved."""
    frame = _read(plain, grammar)
    if frame is None or frame.height != plain.rows:
        return None
    cell_bytes = sum(frame.select(pl.all().str.len_bytes().sum()).row(0))
    if cell_bytes + plain.structure_bytes != len(plain.data):
        return None
    return _without_empty(frame) if plain.has_quotes else frame


def _without_empty(frame: pl.DataFrame) -> pl.DataFrame:
    """A quoted cell without text is empty too; polars tells it from one that is not quoted."""
    shortest = frame.select(pl.all().str.len_bytes().min()).row(0)
    empty = [name for name, least in zip(frame.columns, shortest, strict=True) if least == 0]
    return frame.with_columns(pl.when(pl.col(empty) != "").then(pl.col(empty))) if empty else frame


def _read(plain: Plain, grammar: Grammar) -> pl.DataFrame | None:
    """What polars makes of it; None if it refuses."""
    if plain.data.startswith(_PACKED):
        return None
    try:
        return pl.read_csv(
            plain.data,
            has_header=False,
            schema={str(i): pl.String for i in range(plain.width)},
            separator=grammar.delimiter.decode(),
            quote_char=None if grammar.quote is None else grammar.quote.decode(),
        )
    except pl.exceptions.PolarsError:
        return None
