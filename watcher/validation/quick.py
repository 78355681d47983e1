"""The quick reader: polars parses a block, and arithmetic on bytes proves that it parsed what is really there.

polars alone is not to be believed: it pads short rows, takes quotes by parity, drops a CR, a byte-order mark, an
empty cell too many at the very end. So the delimiters of each record are counted first, then every byte of the block
is accounted for: cells, delimiters, line ends, quotes. If the sum is right, nothing was lost, added or moved; if not,
or if polars refuses, there is no result and the exact reader decides.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from watcher.validation import bits
from watcher.validation.records import Grammar
from watcher.validation.survey import Survey


def parse(found: Survey, grammar: Grammar, width: int) -> pl.DataFrame | None:
    """The cells of a surveyed block as text, columns named by position, an empty cell null; None if not proved."""
    data = found.data
    ending, lone = found.carriage_returns()
    if len(found.wrong) or b"\0" in data or lone.any() or not _is_regular(found, grammar, width):
        return None
    frame = _read(data, grammar, width)
    if frame is None or frame.height != found.rows:
        return None
    sizes = frame.select(pl.all().str.len_bytes().sum().name.suffix("_sum"), pl.all().str.len_bytes().min()).row(0)
    cells, shortest = sum(sizes[:width]), sizes[width:]
    if width == 1 and (shortest[0] == 0 or frame.to_series().null_count()):
        return None  # a blank line or an empty cell: polars doesn't tell
    line_ends = found.rows - (not data.endswith(b"\n")) + bits.count(ending)
    quotes = bits.count(found.quotes) - found.plain_quotes if found.has_quotes else 0
    if cells + found.rows * (width - 1) + line_ends + quotes != len(data):
        return None
    empty = [name for name, least in zip(frame.columns, shortest, strict=True) if least == 0]
    return frame.with_columns(pl.when(pl.col(empty) != "").then(pl.col(empty))) if empty else frame


def _is_regular(found: Survey, grammar: Grammar, width: int) -> bool:
    """Whether each record has exactly `width` cells."""
    delimiters = bits.Ranks.of(found.outside(grammar.delimiter[0])).before(found.bounds)
    expected = np.arange(0, found.rows * (width - 1) + 1, width - 1) if width > 1 else 0
    return bool((delimiters == expected).all())


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
