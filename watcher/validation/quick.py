"""The quick reader: polars parses a block, and arithmetic on bytes proves that it parsed what is really there.

polars alone is not to be believed: it pads short rows, takes quotes by parity, drops a CR, a byte-order mark, an
empty cell too many at the very end. So the delimiters of each record are counted first, then every byte of the block
is accounted for: cells, delimiters, line ends, quotes. If the sum is right, nothing was lost, added or moved; if not,
or if polars refuses, there is no result and the exact reader decides.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from watcher.validation.records import Grammar
from watcher.validation.survey import Survey, lone_carriage_returns, positions


def parse(found: Survey, grammar: Grammar, width: int) -> pl.DataFrame | None:
    """The cells of a surveyed block as text, columns named by position, an empty cell null; None if not proved."""
    data = found.data
    if b"\0" in data or len(lone_carriage_returns(found)):
        return None
    if not _is_regular(found, grammar, width):
        return None
    frame = _read(data, grammar, width)
    if frame is None or frame.height != found.rows:
        return None
    if width == 1 and frame.to_series().str.len_bytes().fill_null(0).min() == 0:
        return None  # a blank line or an empty cell: polars doesn't tell
    sizes = frame.select(
        pl.all().str.len_bytes().sum().name.suffix("_sum"), pl.all().str.len_bytes().max().fill_null(0)
    ).row(0)
    cells, longest = sum(sizes[:width]), sum(sizes[width:])
    if 2 * longest + 3 * width + 2 > grammar.max_record_bytes:
        return None  # some record might be too long
    structure = found.rows * (width - 1) + len(found.ends) + _returns(found) + len(found.quotes) - found.escaped
    if cells + structure != len(data):
        return None
    return frame.with_columns(pl.when(pl.all() != "").then(pl.all())) if len(found.quotes) else frame


def _is_regular(found: Survey, grammar: Grammar, width: int) -> bool:
    """Whether each record has exactly `width` cells."""
    delimiters = found.outside(positions(np.frombuffer(found.data, dtype=np.uint8), grammar.delimiter[0]))
    if len(delimiters) != found.rows * (width - 1):
        return False
    if width == 1:
        return True
    by_record = delimiters.reshape(found.rows, width - 1)
    starts = found.starts
    return bool((by_record[:, 0] >= starts).all() and (by_record[:-1, -1] < starts[1:]).all())


def _returns(found: Survey) -> int:
    """How many CR belong to line ends."""
    if b"\r" not in found.data:
        return 0
    if not len(found.quotes):
        return found.data.count(b"\r")
    return sum(1 for end in found.ends.tolist() if end and found.data[end - 1] == ord("\r"))


def _read(data: bytes, grammar: Grammar, width: int) -> pl.DataFrame | None:
    """What polars makes of it; None if it refuses."""
    try:
        return pl.read_csv(
            data,
            has_header=False,
            schema={str(i): pl.String for i in range(width)},
            separator=grammar.delimiter.decode(),
            quote_char=None if grammar.quote is None else grammar.quote.decode(),
        )
    except pl.exceptions.PolarsError:
        return None
