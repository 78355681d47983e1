"""Validates a directory of files, or one file, and makes the report."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from watcher import fsops
from watcher.errors import ConfigError, WatcherError
from watcher.model.findings import Occurrence
from watcher.model.names import safe_name
from watcher.model.report import FileReport, Report
from watcher.schema.decoder import require_decoder
from watcher.schema.model import Dataset, FileSchema, Reference
from watcher.text import nearest
from watcher.validation.checks.checks import run_checks
from watcher.validation.checks.checktables import tables
from watcher.validation.entries import Entry, list_entries, match_entries, name_findings
from watcher.validation.file import Progress, check_file, confirm_file
from watcher.validation.findings.collect import Collector, Sink, occurrence
from watcher.validation.findings.conclude import conclude
from watcher.validation.findings.policy import Policy
from watcher.validation.keys.confirm import Confirmation
from watcher.validation.keys.hashes import seeded_hasher
from watcher.validation.keys.keys import Suspects
from watcher.validation.keys.second import ReadOnce, SecondReadings, read_once
from watcher.validation.listening import guarded, listening
from watcher.validation.picturefiles import is_picture, seen_pictures
from watcher.validation.reading.pipeline import usual_jobs
from watcher.validation.reading.source import NotRegularError, Opened, Source, open_descriptor, open_source
from watcher.validation.roster import Roster, compare
from watcher.validation.sets.arrange import Arranged, arrange, arrange_some
from watcher.validation.unread import changed, not_regular, unreadable


def validate(
    path: str | os.PathLike[str] | int,
    dataset: Dataset,
    *,
    name: str | None = None,
    sink: Sink | None = None,
    progress: Progress | None = None,
    root: str | None = None,
    epoch: str | None = None,
    extra: Sequence[Occurrence] = (),
    roster: Roster | None = None,
    besides: Collection[str] = (),
    jobs: int | None = None,
) -> Report:
    """The report on a directory of files, or on one file that the dataset knows by its name.

    Args:
        path: an epoch directory, whose marker and what systems leave behind are not looked at; or one file; or the
            descriptor of an ordinary file that is open for reading, whose offset is left where it is.
        dataset: what should be there.
        name: what the file of a descriptor is called.
        sink: sees each single occurrence as it is found. What it raises ends the validation, and comes out as it is.
        progress: is told how far the reading of a file is.
        root: the upload root, for the report.
        epoch: the epoch's name, for the report.
        extra: what intake found, to stand in the same report.
        roster: students that the pictures of a directory are compared with.
        besides: the names in a directory that are not of the drop, and not looked at: what the caller writes there.
        jobs: how many threads judge a file; None for one for each processor. The report is the same.

    Raises:
        WatcherError: there is nothing at that path, or it can't be looked into.
        ConfigError: it is one file, and the dataset knows none of its name; or the dataset has pictures, and what
            judges them is not installed.
    """
    require_decoder(file.schema for file in dataset.files)
    collector = Collector(guarded(sink), policy=Policy(dataset))
    run = _Run(dataset, collector, guarded(progress), jobs)
    with listening(), _told_by_path(path):
        collector.add_all(extra)
        if not isinstance(path, int) and Path(path).is_dir():
            with fsops.open_root(Path(path)) as directory:
                files = run.directory(directory, besides)
            if roster is not None:
                compare(files, dataset, roster, collector)
        else:
            with _one_file(path, name) as (called, opened):
                files = run.single(opened, called)
    return Report(dataset.name, files, collector.findings(), root, epoch)


def validate_file(
    path: str | os.PathLike[str] | int,
    schema: FileSchema,
    *,
    name: str | None = None,
    sink: Sink | None = None,
    progress: Progress | None = None,
    jobs: int | None = None,
) -> Report:
    """The report on one file, whatever its name, against one schema. References to other files are not checked.

    `path` may be the descriptor of an open file, called `name`, as for `validate`.

    Raises WatcherError if there is nothing at that path, ConfigError as for `validate`.
    """
    require_decoder((schema,))
    collector = Collector(guarded(sink), policy=Policy(schema=schema))
    run = _Run(Dataset(schema.stem, ()), collector, guarded(progress), jobs)
    with listening(), _told_by_path(path), _one_file(path, name) as (called, opened):
        files = run.files(opened, Arranged((Entry(called, schema),)))
    return Report(schema.stem, files, collector.findings())


@contextmanager
def _told_by_path(path: str | os.PathLike[str] | int) -> Iterator[None]:
    """Turns an OSError into a WatcherError that names the path."""
    try:
        yield
    except OSError as error:
        raise WatcherError(f"{safe_name(str(path), 400)}: {error.strerror}") from error


@contextmanager
def _one_file(path: str | os.PathLike[str] | int, name: str | None) -> Iterator[tuple[str, Opened]]:
    """The name of a file and what opens it. Raises OSError if it is not there."""
    if isinstance(path, int):
        os.fstat(path)
        yield name or f"descriptor {path}", lambda _: open_descriptor(path)
        return
    place = Path(path)
    with fsops.open_root(place.parent) as directory:
        os.stat(place.name, dir_fd=directory, follow_symlinks=False)
        yield place.name, partial(open_source, directory=directory)


class _Run:
    """One validation: what all its files have in common."""

    def __init__(self, dataset: Dataset, collector: Collector, progress: Progress | None, jobs: int | None) -> None:
        self._dataset, self._collector, self._progress = dataset, collector, progress
        self._hasher, self._jobs = seeded_hasher(), jobs or usual_jobs()
        self._read_once: list[ReadOnce] = []
        self._is_whole = True
        self._arranged = Arranged(())
        self._references: frozenset[Reference] = frozenset()

    def directory(self, directory: int, besides: Collection[str]) -> tuple[FileReport, ...]:
        """All entries of a directory but those besides. Raises OSError if it can't be listed."""
        names = tuple(name for name in list_entries(directory) if name not in besides)
        entries, found = match_entries(names, self._dataset)
        self._collector.add_all(found)
        opened = partial(open_source, directory=directory)
        return self.files(opened, arrange(opened, entries, self._dataset, self._collector))

    def single(self, opened: Opened, name: str) -> tuple[FileReport, ...]:
        """One file by its name. Raises ConfigError if the dataset does not know it."""
        self._is_whole = False
        schema = self._dataset.schema_for(name)
        if schema is None:
            known = [file.match or file.schema.file for file in self._dataset.files]
            near = nearest(name, known)
            hint = f"; did you mean {near}?" if near else ""
            raise ConfigError(
                (f"{safe_name(name)}: the dataset {self._dataset.name} has only {', '.join(known)}{hint}",)
            )
        return self.files(opened, arrange_some(opened, (Entry(name, schema),), self._dataset, self._collector))

    def files(self, opened: Opened, arranged: Arranged) -> tuple[FileReport, ...]:
        """Each file read once, those with suspects twice; what could not be read has no report of its own."""
        self._arranged, entries = arranged, arranged.entries
        self._references = arranged.references()
        files = [entry for entry in entries if not is_picture(entry)]
        reports = [report for entry in files if (report := self._first(opened, entry)) is not None]
        reports += self._pictures(opened, [entry for entry in entries if is_picture(entry)])
        self._checks(opened, entries)  # first, since a row that a check leaves out is no target for a reference
        SecondReadings(self._read_once, self._collector, partial(self._reread, opened)).run()
        manifest = self._dataset.manifest
        return conclude(reports, self._collector, None if manifest is None else manifest.file)

    def _pictures(self, opened: Opened, entries: Sequence[Entry]) -> Iterator[FileReport]:
        for seen in seen_pictures(opened, entries, self._jobs):
            self._collector.add_all((*name_findings(seen.entry, self._dataset), *seen.findings))
            if seen.report is not None:
                size_bytes = seen.report.size_bytes
                if self._progress is not None:
                    self._progress(seen.report.name, size_bytes, size_bytes, 0)
                yield seen.report

    def _first(self, opened: Opened, entry: Entry) -> FileReport | None:
        try:
            with opened(entry.name) as source:
                return self._read(source, entry)
        except NotRegularError as error:
            self._collector.add(not_regular(entry, error))
        except OSError as error:
            self._collector.add(unreadable(entry, error))
        return None

    def _read(self, source: Source, entry: Entry) -> FileReport:
        self._collector.add_all(name_findings(entry, self._dataset))
        rows = 0
        if entry.schema is not None:
            checked = check_file(
                source,
                entry.schema,
                entry.shown,
                collector=self._collector,
                targets=self._targets(entry.schema),
                hasher=self._hasher,
                gone=self._arranged.gone_for(entry),
                progress=self._progress,
                jobs=self._jobs,
            )
            rows = checked.rows
            if (known := read_once(entry.name, source.identity, checked)) is not None:
                self._read_once.append(known)
        digest = source.sha256()
        if source.has_changed():
            self._collector.add(changed(entry))
        file = None if entry.schema is None else entry.schema.file
        return FileReport(entry.shown, file, source.size_bytes, digest, rows, mode=entry.mode)

    def _reread(self, opened: Opened, known: ReadOnce, suspects: Suspects) -> None:
        """Read a file again for some suspects."""
        name = known.layout.name
        confirmations = (
            Confirmation(name, known.keys, part, self._collector, known.tallies) for part in suspects.parts()
        )
        try:
            with opened(known.name) as source:
                if source.identity == known.identity:
                    places = None if suspects.references else known.places
                    confirm_file(source, known.layout, confirmations, places=places, jobs=self._jobs)
                    return
        except (NotRegularError, OSError):
            pass  # it is no longer there, or no longer a file
        message = "the file was replaced while it was read, expected it to stay"
        self._collector.add(occurrence("file-changed", message, file=name))

    def _targets(self, schema: FileSchema) -> set[Reference]:
        """What any file that came refers to in this one, itself among them."""
        return {reference for reference in self._references if reference.file == schema.stem}

    def _checks(self, opened: Opened, entries: tuple[Entry, ...]) -> None:
        """The SQL checks, over all files."""
        if self._dataset.checks:
            came = tables(opened, entries, {known.name: known.layout for known in self._read_once})
            run_checks(self._dataset, came, self._collector, is_whole=self._is_whole)
