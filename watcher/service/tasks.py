"""What a worker process does with one drop: validate it, or hand it to one loader.

A task takes one plain value and returns one; it writes only into the drop's envelope. What it raises is a bug or the
machine's trouble: the attempt broke, and its text names types and places, never what is in a file.
"""

from __future__ import annotations

import gc
import os
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from watcher.errors import ConfigError, LoaderError, PermanentError, TransientError, WatcherError
from watcher.failpoints import reach
from watcher.intake.envelope import FILES
from watcher.logs import summary
from watcher.model.findings import Occurrence, Severity
from watcher.model.occurrences import occurrence
from watcher.model.report import Report, Verdict
from watcher.service.intakefindings import Arrival, intake_findings
from watcher.service.reportfiles import write_report, write_skipped_rows
from watcher.service.rosters import RosterDrop, roster_of
from watcher.text import counted, human_size, printable

if TYPE_CHECKING:
    from watcher.schema import Dataset
    from watcher.validation.roster import Roster

_REASON_CHARACTERS = 500


class TaskBroke(WatcherError):  # noqa: N818 (reads as what is true)
    """A task ended by something nobody foresaw; the text says what and where, without any cell's value."""


@dataclass(frozen=True, slots=True)
class ValidateTask:
    """A claimed drop to be judged.

    One whose files add up to more than `max_bytes` is rejected without being read. `workers` processes share the
    processors.
    """

    envelope: Path
    root: str
    epoch: str
    dataset: str
    schema_dirs: tuple[Path, ...]
    max_bytes: int
    workers: int = 1
    roster: RosterDrop | None = None
    arrival: Arrival = field(default_factory=Arrival)


@dataclass(frozen=True, slots=True)
class Validated:
    """The verdict, and what the journal keeps of the report.

    `worst` names a code and a file, for the log; `left_out` says how much is not used, in words, empty for nothing.
    """

    verdict: Verdict
    dataset: str
    key: str
    files: int
    rows: int
    errors: int
    warnings: int
    worst: str
    left_out: str = ""


@dataclass(frozen=True, slots=True)
class LoadTask:
    """An accepted drop for one loader."""

    envelope: Path
    dataset: str
    schema_dirs: tuple[Path, ...]
    loader: str
    type: str
    options: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LoadDone:
    """The loader has it. `already` if it had it before."""

    rows: int
    already: bool
    note: str


@dataclass(frozen=True, slots=True)
class LoadDeferred:
    """The loader asks for a later try, in `retry_in` seconds if it says so."""

    reason: str
    retry_in: float | None


@dataclass(frozen=True, slots=True)
class LoadRefused:
    """The loader will never take it."""

    reason: str


LoadOutcome = LoadDone | LoadDeferred | LoadRefused


def import_libraries() -> None:
    """Bring into a fresh worker what its tasks import, about a second's work, so that no drop waits for it."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy's threads for matrices: we have none
    import watcher.loading.registry  # noqa: PLC0415
    import watcher.reporting.skippedrows  # noqa: PLC0415
    import watcher.validation.frames  # noqa: PLC0415
    import watcher.validation.zips  # noqa: F401, PLC0415

    gc.freeze()  # libraries live as long as the worker: searching them for garbage took an eighth of a load


@contextmanager
def _only_foreseen() -> Iterator[None]:
    """Whatever ends a task that nobody foresaw ends it as TaskBroke, which quotes no cell."""
    try:
        yield
    except (ConfigError, MemoryError):
        raise
    except BaseException as error:  # noqa: BLE001 (polars' panics are none of Exception; their text may quote a cell)
        raise TaskBroke(_described(error)) from None


def validate_drop(task: ValidateTask) -> Validated:
    """Judge a drop, its zips unpacked, and leave a report beside it. Raises ConfigError (the dataset), TaskBroke."""
    from watcher.loading.manifest import write_manifest  # noqa: PLC0415 (the service itself never needs polars)
    from watcher.schema import find_dataset  # noqa: PLC0415

    with _only_foreseen():
        dataset = find_dataset(task.dataset, task.schema_dirs)
        report = replace(_too_large(task, dataset.name) or _judged(task, dataset), came_as=task.arrival.came_as)
        write_skipped_rows(task.envelope, dataset, report)
        write_report(task.envelope, report)
        key = write_manifest(
            task.envelope,
            root=task.root,
            epoch=task.epoch,
            dataset=dataset.name,
            files=report.files,
            judged_by=dataset,
        )
        reach("validate.manifest-written")
        return _validated(report, dataset.name, key)


def _validated(report: Report, dataset: str, key: str) -> Validated:
    return Validated(
        verdict=report.verdict,
        dataset=dataset,
        key=key,
        files=len(report.files),
        rows=report.rows,
        errors=report.errors,
        warnings=report.warnings,
        worst=_worst(report),
        left_out=_left_out(report),
    )


def _judged(task: ValidateTask, dataset: Dataset) -> Report:
    """The report on a drop, its zips unpacked."""
    from watcher.intake.unzip import unpack_drop  # noqa: PLC0415 (as above)
    from watcher.validation.reading.pipeline import usual_jobs  # noqa: PLC0415
    from watcher.validation.zips import validate_unpacked  # noqa: PLC0415

    zips = unpack_drop(task.envelope, dataset, task.max_bytes)
    roster = _roster(task, dataset)
    unknown = (roster,) if isinstance(roster, Occurrence) else ()
    return validate_unpacked(
        task.envelope / FILES,
        dataset,
        zips,
        root=task.root,
        epoch=task.epoch,
        extra=(*intake_findings(task.envelope, task.epoch, task.arrival), *unknown),
        roster=None if isinstance(roster, Occurrence) else roster,
        jobs=usual_jobs(task.workers),
    )


def _roster(task: ValidateTask, dataset: Dataset) -> Roster | Occurrence | None:
    """The students that the pictures are compared with, or why they can't be; None for none."""
    if task.roster is None or not dataset.has_pictures:
        return None
    return roster_of(task.roster, task.schema_dirs)


def load_drop(task: LoadTask) -> LoadOutcome:
    """Hand a drop to a loader. Raises ConfigError (dataset or loader), TaskBroke."""
    from watcher.loading.checked import checked_result, checked_wait  # noqa: PLC0415
    from watcher.loading.manifest import read_batch  # noqa: PLC0415
    from watcher.loading.registry import make_loader  # noqa: PLC0415
    from watcher.schema import find_dataset  # noqa: PLC0415

    with _only_foreseen():
        try:
            batch = read_batch(task.envelope, find_dataset(task.dataset, task.schema_dirs))
            loader = make_loader(task.loader, task.type, task.options)
            try:
                loaded = checked_result(loader.load(batch))
            finally:
                loader.close()
            reach("load.committed")
        except TransientError as error:
            return LoadDeferred(_told(error), checked_wait(getattr(error, "retry_in", None)))
        except PermanentError as error:
            return LoadRefused(_told(error))
        return LoadDone(loaded.rows, loaded.already, loaded.note)


def _too_large(task: ValidateTask, dataset: str) -> Report | None:
    """The report on a drop that is not to be read. None for any other."""
    from watcher.validation.findings.collect import Collector  # noqa: PLC0415 (as above)

    with os.scandir(task.envelope / FILES) as entries:
        files = [entry for entry in entries if entry.is_file(follow_symlinks=False)]
        size_bytes = sum(entry.stat(follow_symlinks=False).st_size for entry in files)
    if size_bytes <= task.max_bytes:
        return None
    sizes = f"{human_size(size_bytes)}, expected at most {human_size(task.max_bytes)}"
    message = f"the files add up to {sizes}; none of them was looked at"
    collector = Collector()
    collector.add(occurrence("drop-too-large", message))
    return Report(dataset, (), collector.findings(), task.root, task.epoch)


def _told(error: LoaderError) -> str:
    """What a loader says, made fit for a journal and a log line."""
    return printable(str(error), _REASON_CHARACTERS)


def _described(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return summary(error) + where


def _left_out(report: Report) -> str:
    if report.verdict is Verdict.REJECTED:
        return ""
    files, rows = len(report.files_left_out), report.skipped_rows
    parts = [counted(files, "file")] if files else []
    parts += [counted(rows, "row")] if rows else []
    return " and ".join(parts)


def _worst(report: Report) -> str:
    findings = sorted(report.findings, key=lambda finding: finding.severity is not Severity.ERROR)
    if not findings:
        return ""
    return f"{findings[0].code} in {findings[0].file}" if findings[0].file else findings[0].code
