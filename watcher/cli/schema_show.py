"""`epoch-watcher schema show`: what a dataset wants, as a table that a person can read, or as JSON with everything."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from watcher.cli.listing import echo_json, table
from watcher.cli.schema_json import dataset_json
from watcher.cli.schema_rules import reference_in_words, rules_in_words, type_in_words
from watcher.cli.schema_words import dataset_lines, file_lines
from watcher.text import nearest, printable, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from watcher.schema import Column, Dataset, DatasetFile

_TITLES = ("COLUMN", "REQUIRED", "TYPE", "RULES", "REFERENCES", "EXAMPLE", "DESCRIPTION")


def show(name: str, file_name: str | None, schema_dirs: Sequence[Path], *, as_json: bool) -> None:
    """Print a dataset, or one file of it."""
    from watcher.schema import find_dataset

    dataset = find_dataset(name, schema_dirs)
    files = dataset.files if file_name is None else (file_of(dataset, file_name),)
    if as_json:
        echo_json(dataset_json(dataset, files))
        return
    if file_name is None:
        _say(f"{dataset.name}: {dataset.title}\n{dataset.description}".rstrip())
        click.echo()
    for i, file in enumerate(files):
        if i:
            click.echo()
        _print_file(file)
    if file_name is None:
        click.echo()
        for text in dataset_lines(dataset):
            _say(text)


def file_of(dataset: Dataset, file_name: str) -> DatasetFile:
    """The file of this name or stem. Raises UsageError if there is none."""
    for file in dataset.files:
        if file_name in (file.match, file.schema.file, file.schema.stem):
            return file
    names = [file.name for file in dataset.files]
    near = nearest(file_name, names)
    known = f"did you mean {near}?" if near else f"known: {', '.join(names)}"
    raise click.UsageError(f"dataset {dataset.name} has no file {quoted(file_name, 120)}; {known}")


def _print_file(file: DatasetFile) -> None:
    schema = file.schema
    need = "required" if file.required else "optional"
    _say(f"{file.name} ({need}): {schema.title}\n{schema.description}".rstrip().rstrip(":"))
    if schema.picture is not None:
        pass
    elif schema.columns:
        rows = [[printable(cell) for cell in _row(column)] for column in schema.columns]
        _print_table(rows)
    else:
        click.echo("  any columns, all text")
    for text in file_lines(file):
        _say(f"  {text}")


def _row(column: Column) -> tuple[str, ...]:
    name = column.name if column.match is None else f"/{column.match}/"
    return (
        name,
        "yes" if column.required else "",
        type_in_words(column),
        "; ".join(rules_in_words(column)),
        reference_in_words(column),
        column.example,
        column.description,
    )


def _print_table(rows: list[list[str]]) -> None:
    """Columns in which nobody says anything are left out; a terminal gets cells that wrap."""
    kept = [i for i in range(len(_TITLES)) if i == 0 or any(row[i] for row in rows)]
    titles = [_TITLES[i] for i in kept]
    cells = [[row[i] for i in kept] for row in rows]
    if not sys.stdout.isatty():
        click.echo(table([f"  {titles[0]}", *titles[1:]], [[f"  {row[0]}", *row[1:]] for row in cells]))
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    grid = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for title in titles:
        grid.add_column(title, overflow="fold")
    for row in cells:
        grid.add_row(Text(row[0], style="bold"), *map(Text, row[1:]))
    Console(highlight=False).print(grid)


def _say(text: str) -> None:
    click.echo("\n".join(map(printable, text.split("\n"))))
