"""Reads the pictures of a drop: thousands of small files, several side by side, none of them kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from watcher.model.findings import Occurrence
from watcher.model.report import FileReport
from watcher.schema.model import FileSchema
from watcher.validation.entries import Entry
from watcher.validation.pictures import judged_picture
from watcher.validation.reading.pipeline import in_order
from watcher.validation.reading.source import NotRegularError, Opened, Source
from watcher.validation.unread import changed, not_regular, unreadable


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of one picture. `report` is None where it could not be read."""

    entry: Entry
    report: FileReport | None
    findings: tuple[Occurrence, ...] = ()


def is_picture(entry: Entry) -> bool:
    """Whether an entry should be a picture."""
    return entry.schema is not None and entry.schema.picture is not None


def seen_pictures(opened: Opened, entries: Sequence[Entry], jobs: int) -> Iterator[Seen]:
    """Each picture judged, in the order of the entries, in so many threads; a few are in memory at once."""
    return in_order(partial(_seen, opened), iter(entries), jobs)


def _seen(opened: Opened, entry: Entry) -> Seen:
    try:
        with opened(entry.name) as source:
            return _judged(source, entry, entry.schema)
    except NotRegularError as error:
        return Seen(entry, None, (not_regular(entry, error),))
    except OSError as error:
        return Seen(entry, None, (unreadable(entry, error),))


def _judged(source: Source, entry: Entry, schema: FileSchema | None) -> Seen:
    assert schema is not None  # noqa: S101 (only pictures come here, and what is one is said by a schema)
    assert schema.picture is not None  # noqa: S101 (likewise)
    flaw = judged_picture(source, entry.name, entry.shown, schema.picture)
    findings = () if flaw is None else (flaw,)
    report = FileReport(entry.shown, schema.file, source.size_bytes, source.sha256(), 0, is_picture=True)
    return Seen(entry, report, (*findings, changed(entry)) if source.has_changed() else findings)
