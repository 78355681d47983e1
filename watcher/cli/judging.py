"""What `validate` was given to judge, and how it is read: a folder, a file, a zip's files, or standard input."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from watcher import fsops
from watcher.cli.progress import size_of
from watcher.cli.spool import size_of_descriptor, standard_input

if TYPE_CHECKING:
    from watcher.model.report import Report
    from watcher.schema.model import Dataset, FileSchema
    from watcher.validation.roster import Roster

STANDARD_INPUT = Path("-")
#: What it is called where nobody says.
_NAMELESS = "standard input"


@dataclass(frozen=True, slots=True)
class Given:
    """A path, what it is held against, and the name that was given to it, if one was.

    A directory has no such name, and is never held against a single file schema.
    """

    path: Path
    judged_by: Dataset | FileSchema
    name: str | None

    @property
    def is_standard_input(self) -> bool:
        return self.path == STANDARD_INPUT

    @property
    def dataset(self) -> Dataset | None:
        """The dataset; None where one file schema was given instead."""
        from watcher.schema import FileSchema

        return None if isinstance(self.judged_by, FileSchema) else self.judged_by

    @property
    def folder_dataset(self) -> Dataset | None:
        """The dataset of a directory; None for all else."""
        return self.dataset if not self.is_standard_input and self.path.is_dir() else None

    @property
    def zips_dataset(self) -> Dataset | None:
        """The dataset of a zip, or of a directory with zips that are to be unpacked; None for all else."""
        from watcher.validation.zips import has_zips

        dataset = self.dataset
        return dataset if dataset is not None and not self.is_standard_input and has_zips(self.path, dataset) else None

    @property
    def called(self) -> str | None:
        """What a single file is called, where not as on disk: as was said, or as the dataset calls a loose one."""
        return self.name or self._loose_name()

    @property
    def only_file(self) -> str | None:
        """What the one file is called that is judged; None for a directory or a zip, which may hold several."""
        if self.is_standard_input:
            return self.name or _NAMELESS
        if self.path.is_dir() or self.zips_dataset is not None:
            return None
        return self.called or self.path.name

    def _loose_name(self) -> str | None:
        dataset = self.dataset
        if dataset is None or self.path.is_dir() or dataset.schema_for(self.path.name) is not None:
            return None
        from watcher.model.deliveries import recognise
        from watcher.service.datasets import intake_of

        delivery = recognise(self.path.name, intake_of(dataset).rules)
        return delivery.target if delivery is not None and dataset.schema_for(delivery.target) is not None else None


@dataclass(frozen=True, slots=True)
class Job:
    """What makes the report, given a sink and a progress; what it reads, and how many bytes that is."""

    make: Callable[..., Report]
    source: Path | int
    size_bytes: int


@contextmanager
def job_on(given: Given, *, jobs: int | None, roster: Roster | None, besides: frozenset[str]) -> Iterator[Job]:
    """The job, while what it reads is open. `besides` are names in a directory that are no part of the drop."""
    zips_of = given.zips_dataset
    if zips_of is not None:
        with _unpacked_job(given.path, zips_of, jobs, roster, besides) as job:
            yield job
    elif given.is_standard_input:
        with standard_input() as descriptor:
            yield _descriptor_job(descriptor, given, given.called or _NAMELESS, jobs)
    elif (called := given.called) is not None:
        with fsops.open_root(given.path.parent) as folder, fsops.open_regular(given.path.name, folder) as descriptor:
            yield _descriptor_job(descriptor, given, called, jobs)
    else:
        more = {} if given.dataset is None else {"roster": roster, "besides": besides}
        make = partial(_make(given), given.path, given.judged_by, jobs=jobs, **more)
        yield Job(make, given.path, size_of(given.path))


@contextmanager
def _unpacked_job(
    path: Path, dataset: Dataset, jobs: int | None, roster: Roster | None, besides: frozenset[str]
) -> Iterator[Job]:
    """The job on a drop with zips: it reads a temporary folder in which they are unpacked."""
    from watcher.validation.zips import unpacked, validate_unpacked

    with unpacked(path, dataset, besides) as drop:
        make = partial(validate_unpacked, drop.folder, dataset, drop.zips, roster=roster, jobs=jobs)
        yield Job(make, drop.folder, size_of(drop.folder))


def _descriptor_job(descriptor: int, given: Given, name: str, jobs: int | None) -> Job:
    """The job on one open file under this name."""
    make = partial(_make(given), descriptor, given.judged_by, name=name, jobs=jobs)
    return Job(make, descriptor, size_of_descriptor(descriptor))


def _make(given: Given) -> Callable[..., Report]:
    """The function that takes what it is held against."""
    from watcher.validation import validate, validate_file

    return validate_file if given.dataset is None else validate
