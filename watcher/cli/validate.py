"""`epoch-watcher validate`: checks files by hand, as the service would, without service or journal.

Of the configuration, where there is one, it takes no more than the folders in which datasets lie.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from watcher.cli import DONE, FOUND_WANTING
from watcher.cli.judging import STANDARD_INPUT, Given, Job, job_on
from watcher.cli.outputs import written
from watcher.cli.progress import progress_bars
from watcher.cli.rosterfile import roster_of
from watcher.cli.schema_dirs import all_dirs, schema_dirs_options
from watcher.cli.targets import Targets, names_of, refuse_list_over, refuse_overwriting

if TYPE_CHECKING:
    from watcher.model.findings import Occurrence
    from watcher.model.report import Report
    from watcher.schema.model import Dataset, FileSchema

    Sink = Callable[[Occurrence], None]

_FILE = click.Path(path_type=Path, dir_okay=False, exists=True)
_NEW_FILE = click.Path(path_type=Path, dir_okay=False)
_NEW_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command()
@click.argument("path", type=click.Path(path_type=Path, exists=True, allow_dash=True))
@click.option("--dataset", metavar="NAME|DIR", help="What should be there: a dataset's name, or its folder.")
@click.option("--schema", "schema_file", type=_FILE, help="Check one file against one file schema instead.")
@click.option("--as", "name", metavar="FILE", help="The file of the dataset that it is, whatever it is called.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "html", "csv"]),
    default="text",
    show_default=True,
    help="The form of the report; csv has a row for every single finding.",
)
@click.option("--output", type=_NEW_FILE, help="Write the report to a file.")
@click.option("--findings", type=_NEW_FILE, help="Write every single finding to a CSV file besides.")
@click.option("--skipped", type=_NEW_FOLDER, help="Write the rows that are left out into this folder.")
@click.option("--roster", metavar="FILE:COLUMN", help="Compare the names of pictures with a column of students.")
@schema_dirs_options
@click.option("--jobs", type=click.IntRange(1, 64), metavar="N", help="How many threads; one for each processor.")
@click.option("--quiet", "-q", is_flag=True, help="Show no progress, also on a terminal.")
@click.pass_context
def command(
    context: click.Context,
    path: Path,
    *,
    dataset: str | None,
    schema_file: Path | None,
    name: str | None,
    form: str,
    output: Path | None,
    findings: Path | None,
    skipped: Path | None,
    roster: str | None,
    schema_dirs: tuple[Path, ...],
    config: Path | None,
    jobs: int | None,
    quiet: bool,
) -> None:
    """Check PATH, an epoch directory, a zip or one file, against a dataset. `-` is standard input.

    Standard output carries the report alone; on a terminal, standard error shows how far it is. What is written into
    PATH itself is not taken for a part of the drop, nor is it the next time, as long as the same options are given.

    \b
      epoch-watcher validate 20260901-020000 --dataset students
      epoch-watcher validate students_20260901.txt --dataset appazur-contacts
      epoch-watcher validate oneroster.zip --dataset oneroster-1.1
      epoch-watcher validate students.csv --dataset students --format html --output report.html
      epoch-watcher validate photos.zip --dataset infinite-campus-photos --roster students.csv:personID
      epoch-watcher validate anything.csv --schema my-schema.yaml --findings findings.csv
      zcat students.csv.gz | epoch-watcher validate - --dataset students --as students.csv

    One file may have the name under which it would lie loose in an upload root, with a date or _auto.

    Exit code 0 if it is accepted, 1 if it is rejected.
    """
    _refuse_what_does_not_fit(path, dataset, schema_file, name)
    targets = Targets(output, findings, skipped)
    refuse_overwriting(targets, path, schema_file, *_files_of(dataset))
    _import_libraries()
    judged_by = _judged_by(dataset, schema_file, schema_dirs, config)
    given = Given(path, judged_by, name)
    students = None if roster is None else roster_of(roster, given)
    if students is not None:
        refuse_overwriting(targets, students.path)
    if skipped is not None:
        read = (path, schema_file, None if students is None else students.path)
        refuse_list_over(targets, given.only_file, *read)
    with job_on(given, jobs=jobs, roster=students, besides=_ours(targets, given)) as job:
        report = _reported(job, form, targets, quiet=quiet)
        if skipped is not None:
            _write_skipped(job.source, judged_by, report, skipped)
    context.exit(FOUND_WANTING if report.errors else DONE)


def _refuse_what_does_not_fit(path: Path, dataset: str | None, schema_file: Path | None, name: str | None) -> None:
    """Raises UsageError for options that contradict each other, or the path."""
    is_stdin = path == STANDARD_INPUT
    if (dataset is None) == (schema_file is None):
        raise click.UsageError("give either --dataset or --schema")
    if schema_file is not None and not is_stdin and path.is_dir():
        raise click.UsageError("--schema checks one file; for a directory give --dataset")
    if name is not None and not is_stdin and path.is_dir():
        raise click.UsageError("--as is for one file; in a directory each has its own name")
    if is_stdin and dataset is not None and name is None:
        raise click.UsageError("say which file of the dataset standard input is: --as students.csv")


def _files_of(dataset: str | None) -> Iterator[Path]:
    """The files of a dataset that was given as a folder."""
    return iter(()) if dataset is None else Path(dataset).glob("*.yaml")


def _ours(targets: Targets, given: Given) -> frozenset[str]:
    """The names in a directory that are not looked at, since the command writes them."""
    dataset = given.folder_dataset
    return frozenset() if dataset is None else names_of(targets, given.path, dataset)


def _import_libraries() -> None:
    """Bring in what is needed, quickly: without looking for garbage, of which there is none, or matrix threads."""
    import gc
    import os

    gc.disable()
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    import watcher.schema
    import watcher.validation  # noqa: F401

    gc.freeze()
    gc.enable()


def _judged_by(
    dataset: str | None, schema_file: Path | None, schema_dirs: tuple[Path, ...], config: Path | None
) -> Dataset | FileSchema:
    """What the files are held against. Raises ConfigError; nothing has been opened or written by then."""
    from watcher.schema import find_dataset, read_file_schema

    if schema_file is not None:
        return read_file_schema(schema_file)
    return find_dataset(dataset or "", all_dirs(schema_dirs, config))


def _sink(*streams: IO[str] | None) -> Sink | None:
    """What writes every single finding into each of the streams as it comes."""
    from watcher.reporting.csvfile import OccurrenceWriter

    writers = [OccurrenceWriter(stream) for stream in streams if stream is not None]

    def write(found: Occurrence) -> None:
        for writer in writers:
            writer(found)

    return write if writers else None


def _reported(job: Job, form: str, targets: Targets, *, quiet: bool) -> Report:
    """The report, written in its form to where it is wanted; and every single finding, if that is wanted too."""
    with ExitStack() as opened:
        stream = opened.enter_context(written(targets.output))
        every = opened.enter_context(written(targets.findings)) if targets.findings is not None else None
        wants_bars = not (quiet or (form == "csv" and targets.output is None and sys.stdout.isatty()))
        with progress_bars(job.size_bytes, wanted=wants_bars) as told:
            report = job.make(sink=_sink(stream if form == "csv" else None, every), progress=told)
        if form != "csv":
            from watcher.reporting import render

            stream.write(render(report, form))
    return report


def _write_skipped(source: Path | int, judged_by: Dataset | FileSchema, report: Report, folder: Path) -> None:
    from watcher.reporting.skippedrows import write_skipped

    folder.mkdir(parents=True, exist_ok=True)
    write_skipped(source, judged_by, report, folder)
