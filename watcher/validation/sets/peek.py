"""Reads the first rows of a file, to see in which mode it is."""

from __future__ import annotations

from watcher.schema.model import Dataset, FileSchema
from watcher.validation.findings.collect import Collector
from watcher.validation.reading.blocks import worked
from watcher.validation.reading.layout import open_layout
from watcher.validation.reading.source import NotRegularError, Opened
from watcher.validation.sets.modes import Shown, is_told_apart, shown_by

#: So much of a file is split into rows, a thousand or more of most; a file's modes don't change on its way.
PEEK_BYTES = 256 * 1024


def shown_by_rows(opened: Opened, name: str, schema: FileSchema, dataset: Dataset) -> Shown:
    """What the first rows of a file show of its mode; nothing if it can't be read.

    `name` is that on disk. Why it can't be read is told when it is judged.
    """
    if not is_told_apart(schema, dataset):
        return Shown()
    try:
        with opened(name) as source:
            layout = open_layout(source, schema, "", Collector())
            if layout is None:
                return Shown()
            header = layout.header
            for chunk in worked(
                source, layout.grammar, header.width, layout.rows_at, layout.ready, block_bytes=PEEK_BYTES
            ):
                if chunk.frame.height:
                    return shown_by(chunk.frame, header.bound, schema, dataset)
    except (NotRegularError, OSError):
        pass
    return Shown()
