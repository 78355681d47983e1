"""`epoch-watcher validate`: checks files by hand, as the service would, without config, service or journal."""

from __future__ import annotations

from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from watcher.cli import DONE, FOUND_WANTING

if TYPE_CHECKING:
    from collections.abc import Callable

    from watcher.model.findings import Occurrence
    from watcher.model.report import Report

_FOLDER = click.Path(path_type=Path, file_okay=False, exists=True)
_FILE = click.Path(path_type=Path, dir_okay=False, exists=True)


@click.command()
@click.argument("path", type=click.Path(path_type=Path, exists=True))
@click.option("--dataset", metavar="NAME|DIR", help="What should be there: a dataset's name, or its folder.")
@click.option("--schema", "schema_file", type=_FILE, help="Check one file against one file schema instead.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "html", "csv"]),
    default="text",
    show_default=True,
    help="The form of the report; csv has a row for every single finding.",
)
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Write the report to a file.")
@click.option("--schema-dir", "schema_dirs", type=_FOLDER, multiple=True, help="Look for datasets here first.")
@click.pass_context
def command(
    context: click.Context,
    path: Path,
    *,
    dataset: str | None,
    schema_file: Path | None,
    form: str,
    output: Path | None,
    schema_dirs: tuple[Path, ...],
) -> None:
    """Check PATH, an epoch directory or one file, against a dataset.

    Standard output carries the report alone.

    \b
      epoch-watcher validate 20260901-020000 --dataset students
      epoch-watcher validate students.csv --dataset students --format html --output report.html
      epoch-watcher validate anything.csv --schema my-schema.yaml

    Exit code 0 if it is accepted, 1 if it is rejected.
    """
    if (dataset is None) == (schema_file is None):
        raise click.UsageError("give either --dataset or --schema")
    if schema_file is not None and path.is_dir():
        raise click.UsageError("--schema checks one file; for a directory give --dataset")
    judge = _judge(path, dataset, schema_file, schema_dirs)
    with click.open_file(str(output or "-"), "w", encoding="utf-8", atomic=output is not None) as stream:
        report = _write(judge, form, stream)
    context.exit(FOUND_WANTING if report.errors else DONE)


def _judge(
    path: Path, dataset: str | None, schema_file: Path | None, schema_dirs: tuple[Path, ...]
) -> Callable[[Callable[[Occurrence], None] | None], Report]:
    """What makes the report, given the sink; datasets and schemas are read before any output is opened."""
    from watcher.schema import find_dataset, read_file_schema
    from watcher.validation import validate, validate_file

    if schema_file is not None:
        schema = read_file_schema(schema_file)
        return lambda sink: validate_file(path, schema, sink=sink)
    found = find_dataset(dataset or "", schema_dirs)
    return lambda sink: validate(path, found, sink=sink)


def _write(judge: Callable[[Callable[[Occurrence], None] | None], Report], form: str, stream: IO[str]) -> Report:
    """Make the report and write it; CSV is written while it is made."""
    if form == "csv":
        from watcher.reporting.csvfile import OccurrenceWriter

        return judge(OccurrenceWriter(stream))
    from watcher.reporting import render

    report = judge(None)
    stream.write(render(report, form))
    return report
