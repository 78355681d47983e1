"""`epoch-watcher schema`: shows what datasets there are and what they want, and checks one's own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from watcher.cli.listing import echo_json, table
from watcher.cli.options import json_option
from watcher.errors import ConfigError

if TYPE_CHECKING:
    from watcher.schema import Column, Dataset, DatasetFile

_FOLDER = click.Path(path_type=Path, file_okay=False, exists=True)
_schema_dirs = click.option(
    "--schema-dir", "schema_dirs", type=_FOLDER, multiple=True, help="Look for datasets here first."
)


@click.group()
def command() -> None:
    """List, show and check datasets and file schemas."""


@command.command("list")
@_schema_dirs
@json_option
def list_(schema_dirs: tuple[Path, ...], as_json: bool) -> None:
    """List the datasets that can be named: the bundled ones, and those of each --schema-dir."""
    from watcher.schema import dataset_names, find_dataset

    found = {name: find_dataset(name, schema_dirs) for name in dataset_names(schema_dirs)}
    if as_json:
        echo_json([_summary(name, dataset) for name, dataset in found.items()])
    else:
        rows = [(name, str(len(dataset.files)), dataset.title) for name, dataset in found.items()]
        click.echo(table(("DATASET", "FILES", "TITLE"), rows))


@command.command()
@click.argument("name")
@_schema_dirs
@json_option
def show(name: str, schema_dirs: tuple[Path, ...], as_json: bool) -> None:
    """Show the files and columns of the dataset NAME (or of a folder)."""
    from watcher.schema import find_dataset

    dataset = find_dataset(name, schema_dirs)
    if as_json:
        files = [_file_json(file) for file in dataset.files]
        echo_json({**_summary(dataset.name, dataset), "description": dataset.description, "files": files})
        return
    click.echo(f"{dataset.name}: {dataset.title}\n{dataset.description}".rstrip())
    for file in dataset.files:
        click.echo("\n" + _file_text(file))


@command.command()
@click.argument("folders", nargs=-1, required=True, type=_FOLDER, metavar="DIR...")
def check(folders: tuple[Path, ...]) -> None:
    """Say everything that is wrong with the datasets in each DIR.

    A DIR holds a dataset.yaml and the file schemas that it names. Each problem is one line on standard error. Exit code
    0 if all are sound, 2 if not.
    """
    from watcher.schema import read_dataset

    problems: list[str] = []
    for folder in folders:
        try:
            dataset = read_dataset(folder)
        except ConfigError as error:
            problems += error.problems
        else:
            click.echo(f"{click.format_filename(folder)} is sound: dataset {dataset.name}")
    if problems:
        raise ConfigError(tuple(problems))


@command.command()
@click.option(
    "--meta", is_flag=True, required=True, help="The meta-schemas, which judge dataset.yaml and file schemas."
)
@click.option("--kind", type=click.Choice(["dataset", "file"]), help="Only one of the two.")
def export(meta: bool, kind: str | None) -> None:  # noqa: ARG001 (the one thing that can be exported)
    """Print the meta-schemas (JSON Schema, Draft 2020-12) of dataset.yaml and of file schemas.

    \b
    An editor with a YAML language server then completes and checks while you type:
      epoch-watcher schema export --meta --kind file > file.schema.json
    and as the first line of a file schema
      # yaml-language-server: $schema=file.schema.json
    """
    from watcher.schema.judge import META_SCHEMAS, meta_schema

    document = {each: meta_schema(each) for each in META_SCHEMAS} if kind is None else meta_schema(kind)
    click.echo(json.dumps(document, indent=2, ensure_ascii=False))


def _summary(name: str, dataset: Dataset) -> dict[str, Any]:
    return {"name": name, "title": dataset.title, "files": [file.match or file.schema.file for file in dataset.files]}


def _file_json(file: DatasetFile) -> dict[str, Any]:
    schema = file.schema
    return {
        "file": file.match or schema.file,
        "required": file.required,
        "title": schema.title,
        "description": schema.description,
        "key": list(schema.key),
        "absent": schema.absent.value,
        "header": {"order": schema.header.order, "case": schema.header.case, "extra": schema.header.extra},
        "columns": [_column_json(column) for column in schema.columns],
    }


def _column_json(column: Column) -> dict[str, Any]:
    return {
        "name": column.name,
        "required": column.required,
        "aliases": list(column.aliases),
        "severity": column.severity.value,
        "schema": dict(column.judged_by),
        "formats": list(column.formats),
        "references": None if column.references is None else str(column.references),
        "description": column.description,
        "example": column.example,
        "source": column.source,
    }


def _file_text(file: DatasetFile) -> str:
    """A file's title and the table of its columns."""
    schema = file.schema
    need = "required" if file.required else "optional"
    head = f"{file.match or schema.file} ({need}): {schema.title}"
    if not schema.columns:
        return f"{head}\n  any columns, all text"
    rows = [(f"  {c.name}", "yes" if c.required else "", _type(c), c.example, c.description) for c in schema.columns]
    return head + "\n" + table(("  COLUMN", "REQUIRED", "TYPE", "EXAMPLE", "DESCRIPTION"), rows)


def _type(column: Column) -> str:
    """`date`, `integer`, `string list`: what a person wants to know first."""
    if column.format is not None:
        return column.format
    return column.type.value if column.type == column.item_type else f"{column.item_type} list"
