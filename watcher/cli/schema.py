"""`epoch-watcher schema`: shows what datasets there are and what they want; checks and drafts one's own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from watcher.cli.listing import echo_json, table
from watcher.cli.options import json_option
from watcher.cli.schema_dirs import all_dirs, schema_dirs_options
from watcher.cli.schema_infer import infer
from watcher.errors import ConfigError
from watcher.text import counted, printable

if TYPE_CHECKING:
    from watcher.schema import Dataset, FileSchema

_EITHER = click.Path(path_type=Path, exists=True)


@click.group()
def command() -> None:
    """List, show, check, draft and export datasets and file schemas."""


command.add_command(infer)


@command.command("list")
@schema_dirs_options
@json_option
def list_(*, schema_dirs: tuple[Path, ...], config: Path | None, as_json: bool) -> None:
    """List the datasets that can be named: of each --schema-dir, of the configuration's schema_dirs, the bundled ones.

    What is wrong with one of them is said on standard error, the others are listed; then the exit code is 2.
    """
    from watcher.cli.schema_json import summary

    found, problems = _found(all_dirs(schema_dirs, config))
    if as_json:
        echo_json([summary(name, dataset) for name, dataset in found.items()])
    else:
        rows = [(name, str(len(dataset.files)), printable(dataset.title)) for name, dataset in found.items()]
        click.echo(table(("DATASET", "FILES", "TITLE"), rows))
    if problems:
        raise ConfigError(tuple(problems))


def _found(dirs: tuple[Path, ...]) -> tuple[dict[str, Dataset], list[str]]:
    """Every dataset that is sound, by its name, and what is wrong with the others."""
    from watcher.schema import dataset_names, find_dataset

    found: dict[str, Dataset] = {}
    problems: list[str] = []
    for name in dataset_names(dirs):
        try:
            found[name] = find_dataset(name, dirs)
        except ConfigError as error:
            problems += error.problems
    return found, problems


@command.command()
@click.argument("name")
@click.argument("file", required=False)
@schema_dirs_options
@json_option
def show(*, name: str, file: str | None, schema_dirs: tuple[Path, ...], config: Path | None, as_json: bool) -> None:
    """Show what the dataset NAME (or a folder) wants, or only one FILE of it.

    For each file: its columns with their rules in words, key, rules over rows, what an error does to it.
    """
    from watcher.cli import schema_show

    schema_show.show(name, file, all_dirs(schema_dirs, config), as_json=as_json)


@command.command()
@click.argument("paths", nargs=-1, required=True, type=_EITHER, metavar="DIR|FILE...")
def check(paths: tuple[Path, ...]) -> None:
    """Say everything that is wrong with the dataset in each DIR, the file schema or shared definitions in each FILE.

    A DIR holds a dataset.yaml and the file schemas that it names; what they extend is looked at too. Each problem is
    one line on standard error, and so is what is legal and likely wrong all the same, marked as a doubt. Exit code 0 if
    all are sound, doubts or not; else 2.
    """
    problems: list[str] = []
    for path in paths:
        try:
            sound, doubted = _checked(path)
        except ConfigError as error:
            problems += error.problems
        else:
            for text in doubted:
                click.echo(f"doubt: {text}", err=True)
            click.echo(f"{printable(click.format_filename(path))} is sound: {sound}")
    if problems:
        raise ConfigError(tuple(dict.fromkeys(problems)))


def _checked(path: Path) -> tuple[str, tuple[str, ...]]:
    """What a path holds, and the doubts about it. Raises ConfigError."""
    from watcher import yamlfile
    from watcher.cli.schema_check import doubts
    from watcher.schema import read_dataset, read_definitions, read_file_schema, schema_files

    if not path.is_dir():
        data = yamlfile.read(path).data
        if isinstance(data, dict) and data and "file" not in data and all(isinstance(v, dict) for v in data.values()):
            return counted(len(read_definitions(path)), "shared definition"), ()
        schema = read_file_schema(path)
        return f"file schema of {printable(schema.file)}", doubts(path, schema)
    dataset = read_dataset(path)
    found = [text for file in schema_files(path) for text in doubts(file, read_file_schema(file))]
    return f"dataset {dataset.name}", tuple(found)


@command.command()
@click.argument("name", metavar="[NAME|FILE]", required=False)
@click.option("--meta", is_flag=True, help="The meta-schemas, which judge dataset.yaml and file schemas.")
@click.option("--kind", type=click.Choice(["dataset", "file", "types"]), help="With --meta: only one of them.")
@click.option("--json-schema", is_flag=True, help="A row of one file as plain JSON Schema.")
@click.option("--file", "file_name", metavar="NAME", help="With --json-schema: which file of the dataset.")
@schema_dirs_options
def export(
    *,
    name: str | None,
    meta: bool,
    kind: str | None,
    json_schema: bool,
    file_name: str | None,
    schema_dirs: tuple[Path, ...],
    config: Path | None,
) -> None:
    """Print a file schema as plain JSON Schema, or the meta-schemas (both Draft 2020-12).

    NAME is a dataset, by name or folder, FILE a file schema. What JSON Schema can't say stands under x- keys.

    \b
      epoch-watcher schema export --json-schema students --file students.csv
      epoch-watcher schema export --json-schema my-schema.yaml

    With the meta-schema an editor with a YAML language server completes and checks while you type:

    \b
      epoch-watcher schema export --meta --kind file > file.schema.json
    and as the first line of a file schema
      # yaml-language-server: $schema=file.schema.json
    """
    if meta == json_schema:
        raise click.UsageError("give either --meta or --json-schema")
    if meta:
        _echo(_meta_schemas(kind))
        return
    if name is None:
        raise click.UsageError("--json-schema needs the name of a dataset, or a file schema")
    from watcher.schema.export import row_schema

    _echo(row_schema(_file_schema(name, file_name, schema_dirs, config)))


def _meta_schemas(kind: str | None) -> dict[str, Any]:
    from watcher.schema.judge import META_SCHEMAS, published

    return {each: published(each) for each in META_SCHEMAS} if kind is None else published(kind)


def _file_schema(name: str, file_name: str | None, schema_dirs: tuple[Path, ...], config: Path | None) -> FileSchema:
    from watcher.cli.schema_show import file_of
    from watcher.schema import find_dataset, read_file_schema

    if Path(name).suffix in (".yaml", ".yml"):
        return read_file_schema(Path(name))
    dataset = find_dataset(name, all_dirs(schema_dirs, config))
    if file_name is not None:
        return file_of(dataset, file_name).schema
    if len(dataset.files) > 1:
        names = ", ".join(file.name for file in dataset.files)
        raise click.UsageError(f"dataset {dataset.name} has several files; give --file with one of {names}")
    return dataset.files[0].schema


def _echo(document: object) -> None:
    click.echo(json.dumps(document, indent=2, ensure_ascii=True))
