r"""The rows that are left out of a file as a CSV to correct them by: where each stands, what is wrong, and its cells.

    "line","why","sourcedId","role"
    "17","role: the value is not one of the allowed values, expected student, teacher (enum)","1204","boss"
    "23","found 1 cell, expected 2 as in the header (ragged-row)","1210"

The cells stand under the file's own column names. A row that can't be split into them has its text, or the beginning
of a long one, in the cell behind `why`. Like the CSV of findings it is fit for a spreadsheet: what could begin a
formula has an apostrophe before it, and each record is one line, with line ends inside of cells written `\n`.

The file is read once more, in bounded memory.
"""

from __future__ import annotations

import csv
import io
import os
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import chain, pairwise
from pathlib import Path

import numpy as np

from watcher import fsops
from watcher.errors import WatcherError
from watcher.model.names import safe_name, shown_names
from watcher.model.report import FileReport, Reason, Report
from watcher.reporting.clean import NAME_LIMIT
from watcher.reporting.csvfile import defuse
from watcher.reporting.wording import skipped_file_name
from watcher.schema.model import Dataset, FileSchema
from watcher.text import printable
from watcher.validation.entries import list_entries
from watcher.validation.findings.collect import Collector
from watcher.validation.findings.occurrences import Numbers
from watcher.validation.reading.encodings import ASCII, UTF8, python_name
from watcher.validation.reading.layout import Layout, open_layout
from watcher.validation.reading.leftout import Lines, record_numbers, starts
from watcher.validation.reading.rawlines import BLOCK_BYTES, LineEnds, LineReader
from watcher.validation.reading.rows import Chunk
from watcher.validation.reading.source import NotRegularError, Source, open_descriptor, open_source

#: Bytes of a row that can't be split.
_RAW_BYTES = 4096


def write_skipped(
    path: str | os.PathLike[str] | int, judged_by: Dataset | FileSchema, report: Report, folder: str | os.PathLike[str]
) -> tuple[Path, ...]:
    """Write `skipped-<file>.csv` into a folder for each file of a report of which rows are left out; their paths.

    `path`, which may be a descriptor, and `judged_by` are those that were validated. A file appears whole or not at
    all, over an earlier one, for nobody but its owner to read: it holds what the sender wrote of people.

    Raises WatcherError if a file can't be read again, OSError if one can't be written.
    """
    written = []
    for file in report.files:
        schema = judged_by if isinstance(judged_by, FileSchema) else judged_by.schema_for(file.name)
        if file.skipped and schema is not None:
            name = skipped_file_name(printable(file.name, NAME_LIMIT))
            with fsops.open_root(Path(folder)) as target:
                fsops.write_file(name, target, skipped_rows(_place_of(path, file.name), schema, file))
            written.append(Path(folder) / name)
    return tuple(written)


def skipped_rows(path: Path | int, schema: FileSchema, file: FileReport) -> Iterator[bytes]:
    """The CSV of the rows that are left out of one file, in blocks. Raises WatcherError if it can't be read again."""
    shown = safe_name(file.name)
    try:
        with open_descriptor(path) if isinstance(path, int) else open_source(path) as source:
            layout = open_layout(source, schema, shown, Collector())
            if layout is None:
                raise WatcherError(f"{shown}: its header can't be read any more")
            yield _csv([("line", "why", *map(_harmless, layout.screen.names))])
            listing = _Listing(file, layout, source)
            for chunk, next_line in _with_next_line(_as_written(layout).chunks(source)):
                if rows := listing.rows(chunk, next_line):
                    yield _csv(rows)
    except NotRegularError as error:
        raise WatcherError(f"{shown}: it is {error.kind}, expected an ordinary file") from error
    except OSError as error:
        raise WatcherError(f"{shown}: {error.strerror}") from error


class _Listing:
    """The rows of one file, chunk by chunk."""

    def __init__(self, file: FileReport, layout: Layout, source: Source) -> None:
        self._file = file
        self._skipped = record_numbers(file.skipped)
        self._grammar = layout.grammar
        ends = LineEnds(self._grammar.encoding, self._grammar.old_line_ends)
        self._reader = LineReader(_blocks(source.fd), ends)

    def rows(self, chunk: Chunk, next_line: int | None) -> list[tuple[str, ...]]:
        """Those of a chunk, behind which a record begins on `next_line`; None at the end of the file."""
        lines, numbers = starts(chunk)
        at = np.flatnonzero(np.isin(numbers, self._skipped))
        if not len(at):
            return []
        at = at[np.unique(numbers[at], return_index=True)[1]]  # a record may have several faults
        why = _reasons(self._file.reasons, int(numbers[at[0]]), int(numbers[at[-1]]))
        positions = {number: row for row, number in enumerate(chunk.numbers.tolist())}
        found = []
        for line, number in zip(lines[at].tolist(), numbers[at].tolist(), strict=True):
            row = positions.get(number)
            cells = (self._text(line, lines, next_line),) if row is None else chunk.frame.row(row)
            found.append((str(line), _said(tuple(why.get(number, ()))), *(_harmless(cell or "") for cell in cells)))
        return found

    def _text(self, line: int, lines: Numbers, next_line: int | None) -> str:
        """The text of a record that could not be split, from its line to where the next one begins."""
        behind = int(np.searchsorted(lines, line, side="right"))
        raw = self._reader.read(Lines(line, int(lines[behind]) if behind < len(lines) else next_line), _RAW_BYTES)
        encoding = python_name(self._grammar.encoding)
        try:
            return raw.decode(encoding).rstrip("\r\n")
        except UnicodeDecodeError:
            is_narrow = encoding in {UTF8, ASCII}
            return raw.decode("cp1252" if is_narrow else encoding, errors="replace").rstrip("\r\n")


def _reasons(reasons: tuple[Reason, ...], first: int, last: int) -> dict[int, list[str]]:
    """What is wrong with the records of a range."""
    why: dict[int, list[str]] = {}
    for reason in reasons:
        text = f"{reason.message} ({reason.code})"
        said = text if reason.column is None else f"{reason.column}: {text}"
        for number in reason.records[bisect_left(reason.records, first) : bisect_right(reason.records, last)]:
            why.setdefault(number, []).append(said)
    return why


def _as_written(layout: Layout) -> Layout:
    """The layout without what the schema makes of texts that count as empty."""
    return replace(layout, header=replace(layout.header, bound=()))


def _with_next_line(chunks: Iterator[Chunk]) -> Iterator[tuple[Chunk, int | None]]:
    """Each chunk that has records, with the line on which the one behind it begins."""
    filled = (chunk for chunk in chunks if len(starts(chunk)[0]))
    for chunk, following in pairwise(chain(filled, (None,))):
        if chunk is not None:
            yield chunk, None if following is None else int(starts(following)[0][0])


def _blocks(fd: int) -> Iterator[bytes]:
    offset = 0
    while data := os.pread(fd, BLOCK_BYTES, offset):
        yield data
        offset += len(data)


def _csv(rows: list[tuple[str, ...]]) -> bytes:
    stream = io.StringIO()
    writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows(rows)
    return stream.getvalue().encode()


def _harmless(cell: str) -> str:
    # letters and digits alone, as most cells are, need no closer look
    return cell if cell.isalnum() else defuse(printable(cell))


@lru_cache(maxsize=1024)
def _said(why: tuple[str, ...]) -> str:
    return defuse(printable("; ".join(why)))


def _place_of(validated: str | os.PathLike[str] | int, name: str) -> Path | int:
    """Where a file of a report lies, by its printable name: in the directory that was validated, or that very file."""
    if isinstance(validated, int):
        return validated
    place = Path(validated)
    if not place.is_dir():
        return place
    exact = place / name
    if os.path.lexists(exact):
        return exact
    with fsops.open_root(place) as directory:
        shown = shown_names(list_entries(directory))
    return next((place / each for each, form in shown.items() if form == name), exact)
