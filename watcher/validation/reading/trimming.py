"""A file's bytes without the rows that are left out."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from itertools import chain

from watcher.errors import WatcherError
from watcher.schema.model import FileSchema
from watcher.text import printable
from watcher.validation.findings.collect import Collector
from watcher.validation.reading.encodings import mark_of
from watcher.validation.reading.layout import open_layout
from watcher.validation.reading.leftout import lines_of, record_numbers
from watcher.validation.reading.rawlines import LineEnds, without_lines
from watcher.validation.reading.source import NotRegularError, open_source


def trimmed(
    path: str | os.PathLike[str], schema: FileSchema, skip: Iterable[int], blocks: Iterable[bytes]
) -> Iterator[bytes]:
    """`blocks`, which are the bytes of the file at `path`, without the lines of the records to skip.

    Each block but the last has a size that is a multiple of four. All blocks are taken, whatever is skipped. Raises
    WatcherError if the file can't be read, or is not one that validation would accept as readable.
    """
    name = printable(os.path.basename(os.fspath(path)), 120)
    try:
        with open_source(path) as source:
            layout = open_layout(source, schema, name, Collector())
            if layout is None:
                raise WatcherError(f"{name}: it has no usable header; only an accepted file can be loaded")
            ends = LineEnds(layout.grammar.encoding, layout.grammar.old_line_ends)
            lines = lines_of(layout.chunks(source), record_numbers(skip))
            first = next(lines, None)
            if first is not None and first.first == 1:
                yield mark_of(source.read(0, 4))  # on the line of a row, but of the file
            yield from without_lines(blocks, ends, iter(()) if first is None else chain((first,), lines))
    except NotRegularError as error:
        raise WatcherError(f"{name}: it is {error.kind}, expected an ordinary file") from error
    except OSError as error:
        raise WatcherError(f"{name}: {error.strerror}") from error
