"""Reads samples into profiles, as validation would read them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import combinations
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from watcher.drafting import names
from watcher.drafting.profile import Profile, are_distinct
from watcher.drafting.sniffing import HEAD_BYTES, single_byte_encoding, sniff
from watcher.errors import WatcherError
from watcher.model.findings import Severity
from watcher.schema.model import Dialect, FileSchema
from watcher.text import printable
from watcher.validation.findings.collect import Collector
from watcher.validation.reading.layout import Layout, open_layout
from watcher.validation.reading.source import NotRegularError, Source, open_source

#: So many columns may be remembered row by row, 8 bytes each, to see whether their values repeat.
_MOST_UNIQUE = 8
#: So many columns are tried in pairs.
_MOST_PAIRED = 6
_NOT_AS_DECLARED = frozenset({"encoding", "wrong-encoding"})


class _NotUtf8Error(Exception):
    """A sample began like UTF-8 and did not go on so."""


@dataclass(slots=True)
class Sample:
    """What the samples of one shape hold. `passed_over` counts columns without a name of their own."""

    paths: tuple[Path, ...]
    dialect: Dialect
    profiles: dict[str, Profile] = field(default_factory=dict)
    rows: int = 0
    passed_over: int = 0


@dataclass(frozen=True, slots=True)
class _Open:
    """A sample that is being read."""

    source: Source
    layout: Layout
    collector: Collector

    def columns(self) -> dict[str, str]:
        """Each column by its name, with its name in the frames; one without a name of its own is passed over."""
        found: dict[str, str] = {}
        for position, name in self.layout.header.others:
            if name.strip():
                found.setdefault(name, str(position))
        return found

    def frames(self) -> Iterator[pl.DataFrame]:
        """The rows that can be read."""
        declared = self.layout.schema.dialect.encoding
        for chunk in self.layout.chunks(self.source):
            if declared == "utf-8" and any(fault.code in _NOT_AS_DECLARED for fault in chunk.faults):
                raise _NotUtf8Error
            yield chunk.frame


def read_samples(paths: tuple[Path, ...], *, header: bool | None = None) -> Sample:
    """All samples, read as the first of them is written. Raises WatcherError if one can't be read."""
    with _source(paths[0]) as source:
        head = source.read(0, HEAD_BYTES)
    dialect = sniff(head, header=header)
    try:
        return _read(paths, dialect)
    except _NotUtf8Error:
        return _read(paths, replace(dialect, encoding=single_byte_encoding(head)))


def unique_pair(sample: Sample) -> tuple[str, str] | None:
    """The first two identifying columns whose values are unique together, found by reading once more."""
    columns = [name for name, p in sample.profiles.items() if names.is_identifier(name) and p.rows and not p.empty]
    pairs = list(combinations(columns[:_MOST_PAIRED], 2))
    for path in sample.paths if pairs else ():
        with _opened(path, sample.dialect) as opened:
            hashes = _pair_hashes(opened, pairs)
        pairs = [pair for pair in pairs if are_distinct(hashes[pair])]
    return pairs[0] if pairs else None


def are_all_among(child: Sample, column: str, parent: Sample, key: str) -> bool:
    """Whether every value of a column is a value of another sample's key, by their hashes; both are read once more."""
    return bool(np.isin(_hashes(child, column), _hashes(parent, key)).all())


def _hashes(sample: Sample, column: str) -> npt.NDArray[np.uint64]:
    """The hashes of the values of a column, many of them once only."""
    found: list[npt.NDArray[np.uint64]] = [np.zeros(0, dtype=np.uint64)]
    for path in sample.paths:
        with _opened(path, sample.dialect) as opened:
            position = opened.columns().get(column)
            if position is not None:
                found += [frame[position].drop_nulls().unique().hash(seed=1).to_numpy() for frame in opened.frames()]
    return np.concatenate(found)


def _pair_hashes(opened: _Open, pairs: list[tuple[str, str]]) -> dict[tuple[str, str], list[npt.NDArray[np.uint64]]]:
    """The hashes of the rows of one file by each pair of columns."""
    found: dict[tuple[str, str], list[npt.NDArray[np.uint64]]] = {pair: [] for pair in pairs}
    at = opened.columns()
    for frame in opened.frames():
        for (one, other), hashes in found.items():
            both = frame.select(pl.struct(pl.col(at[one]).alias("a"), pl.col(at[other]).alias("b")))
            hashes.append(both.to_series().hash(seed=1).to_numpy())
    return found


def _read(paths: tuple[Path, ...], dialect: Dialect) -> Sample:
    sample = Sample(paths, dialect)
    for path in paths:
        with _opened(path, dialect) as opened:
            _take(sample, opened)
    return sample


def _take(sample: Sample, opened: _Open) -> None:
    """One more file. A column that only some files have is empty in the others."""
    columns = opened.columns()
    sample.passed_over += len(opened.layout.header.others) - len(columns)
    for name in columns:
        if name not in sample.profiles:
            profile = sample.profiles[name] = Profile(name)
            profile.take_empty(sample.rows)
    rows = 0
    for frame in opened.frames():
        rows += frame.height
        for name, position in columns.items():
            sample.profiles[name].take(frame[position])
        _forget_hashes(sample)
    for name, profile in sample.profiles.items():
        if name not in columns:
            profile.take_empty(rows)
        profile.end_file()
    sample.rows += rows


def _forget_hashes(sample: Sample) -> None:
    """Bounds what is remembered of each row: identifiers stay first, then columns as they stand."""
    kept = [profile for profile in sample.profiles.values() if profile.hashes]
    for profile in sorted(kept, key=lambda p: not names.is_identifier(p.name))[_MOST_UNIQUE:]:
        profile.is_unique, profile.hashes = False, None


@contextmanager
def _opened(path: Path, dialect: Dialect) -> Iterator[_Open]:
    """A sample as its rows are to be read. Raises WatcherError if they can't be."""
    name = printable(path.name, 120)
    collector = Collector()
    with _source(path) as source:
        layout = open_layout(source, FileSchema(path.name, dialect=dialect), name, collector)
        if layout is None:
            errors = (found.message for found in collector.findings() if found.severity is Severity.ERROR)
            raise WatcherError(f"{name}: {next(errors, 'its beginning cannot be read')}")
        if dialect.encoding == "utf-8" and any(found.code in _NOT_AS_DECLARED for found in collector.findings()):
            raise _NotUtf8Error
        yield _Open(source, layout, collector)


@contextmanager
def _source(path: Path) -> Iterator[Source]:
    """An open sample. Raises WatcherError, which names it, where there is none."""
    name = printable(str(path), 500)
    try:
        with open_source(path) as source:
            yield source
    except NotRegularError as error:
        raise WatcherError(f"{name}: it is {error.kind}, expected an ordinary file") from error
    except OSError as error:
        raise WatcherError(f"{name}: {error.strerror}") from error
