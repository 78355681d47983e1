"""Drops with zips in them: unpacked to a temporary folder, validated there, with what was found of the zips themselves.

    with unpacked("oneroster.zip", dataset) as drop:
        report = validate_unpacked(drop.folder, dataset, drop.zips)

or, for the report alone, `validate_zip("oneroster.zip", dataset)`. The service unpacks into the drop's own envelope
instead; what is said of a zip, and of the files in it, is the same.
"""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from watcher import fsops
from watcher.errors import WatcherError
from watcher.intake.envelope import FILES
from watcher.intake.unzip import Unpacked, is_unpacked, unpack_zips
from watcher.model.findings import Occurrence
from watcher.model.names import is_temporary_name, safe_name
from watcher.model.report import Report
from watcher.schema.model import Dataset, FileSchema
from watcher.validation.entries import list_entries
from watcher.validation.epoch import validate
from watcher.validation.file import Progress
from watcher.validation.findings.collect import Collector, Sink
from watcher.validation.listening import guarded, listening
from watcher.validation.roster import Roster

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@dataclass(frozen=True, slots=True)
class UnpackedDrop:
    """A folder with all files of a drop, for as long as it is open, and what came of its zips."""

    folder: Path
    zips: Unpacked


def has_zips(path: str | os.PathLike[str], dataset: Dataset) -> bool:
    """Whether this is a zip, or a directory with one in it, that is unpacked before it is judged by the dataset.

    Raises WatcherError for a directory that can't be looked into.
    """
    place = Path(path)
    if not place.is_dir():
        return is_unpacked(place.name, dataset)
    with _told_by_path(place):
        return any(is_unpacked(name, dataset) and (place / name).is_file() for name in os.listdir(place))


def validate_zip(
    path: str | os.PathLike[str],
    dataset: Dataset,
    *,
    sink: Sink | None = None,
    progress: Progress | None = None,
    jobs: int | None = None,
) -> Report:
    """The report on a zip, or on a directory with zips in it; arguments and exceptions are those of `validate`."""
    with unpacked(path, dataset) as drop:
        return validate_unpacked(drop.folder, dataset, drop.zips, sink=sink, progress=progress, jobs=jobs)


def validate_unpacked(
    folder: Path,
    dataset: Dataset,
    zips: Unpacked,
    *,
    sink: Sink | None = None,
    progress: Progress | None = None,
    root: str | None = None,
    epoch: str | None = None,
    extra: Sequence[Occurrence] = (),
    roster: Roster | None = None,
    jobs: int | None = None,
) -> Report:
    """As `validate`, for a folder into which these zips were unpacked.

    Where one was refused, nobody knows what the drop as a whole would have been: then each other file is judged by
    itself, and no file, row or reference is missed.
    """
    found = (*extra, *zips.findings)
    if zips.refused:
        dataset, roster = _each_by_itself(dataset), None
        if _is_empty(folder):
            collector = Collector(guarded(sink))
            with listening():
                collector.add_all(found)
            return Report(dataset.name, (), collector.findings(), root, epoch)
    return validate(
        folder, dataset, sink=sink, progress=progress, root=root, epoch=epoch, extra=found, roster=roster, jobs=jobs
    )


def _is_empty(folder: Path) -> bool:
    with fsops.open_root(folder) as directory:
        return not list_entries(directory)


def _each_by_itself(dataset: Dataset) -> Dataset:
    """The dataset without all that one file says of another."""
    files = tuple(replace(file, required=False, needs=(), schema=_alone(file.schema)) for file in dataset.files)
    return replace(dataset, files=files, checks=(), modes=(), manifest=None)


def _alone(schema: FileSchema) -> FileSchema:
    return replace(schema, columns=tuple(replace(column, references=None) for column in schema.columns))


@contextmanager
def unpacked(path: str | os.PathLike[str], dataset: Dataset, besides: Collection[str] = ()) -> Iterator[UnpackedDrop]:
    """A temporary folder with the files of a zip; or with those of a directory, its zips unpacked among them.

    `besides` are the names in the directory that are not of the drop.

    It lies where `TMPDIR` says, for us alone, and is gone at the end. Raises WatcherError if there is nothing at that
    path, it can't be read, or there is no room for it.
    """
    place = Path(path)
    try:
        temporary = tempfile.TemporaryDirectory(prefix="epoch-watcher-")
    except OSError as error:
        said = f"{safe_name(str(place), 400)}: there is no folder to unpack it to: {error.strerror}; set TMPDIR"
        raise WatcherError(said) from error
    with temporary as folder:
        envelope = Path(folder)
        with _told_by_path(place):
            zips = _unpack(place, envelope, dataset, besides)
        yield UnpackedDrop(envelope / FILES, zips)


@contextmanager
def _told_by_path(place: Path) -> Iterator[None]:
    """Turns an OSError into a WatcherError that names the path, and what to do where there is no room to unpack it."""
    try:
        yield
    except OSError as error:
        hint = f"; it is unpacked to {tempfile.gettempdir()}, set TMPDIR" if error.errno in _NO_ROOM else ""
        raise WatcherError(f"{safe_name(str(place), 400)}: {error.strerror}{hint}") from error


def _unpack(place: Path, envelope: Path, dataset: Dataset, besides: Collection[str]) -> Unpacked:
    is_directory = place.is_dir()
    with fsops.open_root(envelope) as home, fsops.open_root(place if is_directory else place.parent) as source:
        fsops.make_directory(FILES, home)
        names = [place.name]
        if is_directory:
            with fsops.open_directory(FILES, home) as files:
                names = sorted(_mirrored(source, files, dataset, besides))
        return unpack_zips(home, source, names, dataset, syncs=False)


def _mirrored(source: int, target: int, dataset: Dataset, besides: Collection[str]) -> Iterator[str]:
    """Copy what is no zip to unpack, each entry as the kind that it is; the names of the zips."""
    for name in set(os.listdir(source)).difference(besides):
        mode = os.stat(name, dir_fd=source, follow_symlinks=False).st_mode
        if stat.S_ISREG(mode) and is_unpacked(name, dataset):
            yield name
        elif stat.S_ISREG(mode) and not is_temporary_name(name):
            fsops.copy_file(name, source, name, target, may_change=True)
        elif stat.S_ISDIR(mode):
            os.mkdir(name, dir_fd=target)
        elif stat.S_ISLNK(mode):
            os.symlink("elsewhere", name, dir_fd=target)
        elif not stat.S_ISREG(mode):
            os.mkfifo(name, dir_fd=target)
