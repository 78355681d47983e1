"""`epoch-watcher schema show`: what a dataset wants, as a table that a person can read, or as JSON with everything."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from watcher.cli.listing import echo_json, table
from watcher.text import nearest, printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from watcher.schema import Column, Dataset, DatasetFile

_TITLES = ("COLUMN", "REQUIRED", "TYPE", "RULES", "REFERENCES", "EXAMPLE", "DESCRIPTION")


def show(name: str, file_name: str | None, schema_dirs: Sequence[Path], *, as_json: bool) -> None:
    """Print a dataset, or one file of it."""
    from watcher.schema import find_dataset

    dataset = find_dataset(name, schema_dirs)
    files = dataset.files if file_name is None else (file_of(dataset, file_name),)
    if as_json:
        echo_json(_dataset_json(dataset, files))
        return
    if file_name is None:
        _say(f"{dataset.name}: {dataset.title}\n{dataset.description}".rstrip())
        click.echo()
    for i, file in enumerate(files):
        if i:
            click.echo()
        _print_file(file)
    if file_name is None:
        _print_dataset_rules(dataset)


def file_of(dataset: Dataset, file_name: str) -> DatasetFile:
    """The file of this name or stem. Raises UsageError if there is none."""
    for file in dataset.files:
        if file_name in (file.match, file.schema.file, file.schema.stem):
            return file
    names = [name_of(file) for file in dataset.files]
    near = nearest(file_name, names)
    known = f"did you mean {near}?" if near else f"known: {', '.join(names)}"
    raise click.UsageError(f"dataset {dataset.name} has no file {printable(file_name, 120)!r}; {known}")


def name_of(file: DatasetFile) -> str:
    """The file's name, or the pattern of the names it may have."""
    return file.match or file.schema.file


def summary(name: str, dataset: Dataset) -> dict[str, Any]:
    """A dataset in a listing."""
    return {"name": name, "title": dataset.title, "files": [name_of(file) for file in dataset.files]}


def _dataset_json(dataset: Dataset, files: Sequence[DatasetFile]) -> dict[str, Any]:
    return {
        **summary(dataset.name, dataset),
        "description": dataset.description,
        "extra_files": dataset.extra_files.value,
        "checks": [
            {"title": c.title, "sql": c.sql, "severity": c.severity.value, "advice": c.advice} for c in dataset.checks
        ],
        "tolerate": [{"code": t.code, "file": t.file, "column": t.column} for t in dataset.tolerate],
        "files": [_file_json(file) for file in files],
    }


def _file_json(file: DatasetFile) -> dict[str, Any]:
    from watcher.schema.export import file_facts

    schema = file.schema
    return {
        **file_facts(schema),
        "file": name_of(file),
        "required": file.required,
        "title": schema.title,
        "description": schema.description,
        "rules": [
            {"title": r.title, "severity": r.severity.value, "advice": r.advice, "schema": dict(r.schema)}
            for r in schema.rules
        ],
        "columns": [_column_json(column) for column in schema.columns],
    }


def _column_json(column: Column) -> dict[str, Any]:
    return {
        "name": column.name,
        "match": column.match,
        "required": column.required,
        "unique": column.unique,
        "aliases": list(column.aliases),
        "severity": column.severity.value,
        "schema": dict(column.judged_by),
        "separator": column.separator,
        "formats": list(column.formats),
        "nulls": list(column.nulls),
        "true_values": list(column.true_values),
        "false_values": list(column.false_values),
        "references": None if column.references is None else str(column.references),
        "references_where": {} if column.references is None else {n: list(t) for n, t in column.references.where},
        "rules": list(_rules(column)),
        "description": column.description,
        "example": column.example,
        "source": column.source,
    }


def _print_file(file: DatasetFile) -> None:
    schema = file.schema
    need = "required" if file.required else "optional"
    _say(f"{name_of(file)} ({need}): {schema.title}\n{schema.description}".rstrip().rstrip(":"))
    if schema.columns:
        rows = [[printable(cell) for cell in _row(column)] for column in schema.columns]
        _print_table(rows)
    else:
        click.echo("  any columns, all text")
    for text in _file_lines(file):
        _say(f"  {text}")


def _row(column: Column) -> tuple[str, ...]:
    references = "" if column.references is None else _reference(column)
    name = column.name if column.match is None else f"/{column.match}/"
    rules = "; ".join(_rules(column))
    return (
        name,
        "yes" if column.required else "",
        _type(column),
        rules,
        references,
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


def _type(column: Column) -> str:
    """`integer`, `string list`."""
    return column.type.value if column.type == column.item_type else f"{column.item_type} list"


def _rules(column: Column) -> Iterator[str]:
    """Every rule of a column's values, in words, in the schema's order."""
    from watcher.validation.cells.describing import described, listed

    for keyword, expected in column.judged_by.items():
        if keyword == "items":
            inner = described({key: value for key, value in expected.items() if key != "type"})
            if inner != "any value":
                yield f"each {inner}"
        elif keyword == "format" and column.formats:
            yield f"a date as {_dates(column)}"
        elif keyword != "type":
            yield described({keyword: expected})
    if column.type.value == "array":
        yield f"separated by {column.separator!r}"
    if column.true_values or column.false_values:
        yield f"true is {listed(column.true_values)}, false is {listed(column.false_values)}"
    if column.unique:
        yield "no value on two rows"
    if column.nulls:
        yield f"{listed(column.nulls)} count as empty"
    if column.aliases:
        yield f"may be called {', '.join(column.aliases)}"
    if column.severity.value != "error":
        yield f"a breach is a {column.severity}"


def _dates(column: Column) -> str:
    from watcher.validation.cells.describing import date_letters

    return " or ".join(map(date_letters, column.formats))


def _reference(column: Column) -> str:
    reference = column.references
    if reference is None:
        return ""
    where = " and ".join(f"{name} is {' or '.join(texts)}" for name, texts in reference.where)
    return f"{reference}{f' where {where}' if where else ''}"


def _file_lines(file: DatasetFile) -> Iterator[str]:
    """What a file's schema says beside its columns."""
    schema = file.schema
    dialect = schema.dialect
    if schema.key:
        yield f"key: {', '.join(schema.key)}"
    for rule in schema.rules:
        yield f"rule: {rule.title} ({rule.severity}){f'; {rule.advice}' if rule.advice else ''}"
    limit = f", at most {schema.max_skipped_rows} of the rows" if str(schema.max_skipped_rows) != "any number" else ""
    yield f"on error: {schema.on_error}{limit}"
    quote = "no quotes" if dialect.quote is None else f"quote {dialect.quote}"
    escape = "" if dialect.escape is None else f", escape {dialect.escape}"
    header = f"header line, columns in {schema.header.order} order" if dialect.header else "no header line"
    yield f"written: {dialect.encoding}, delimiter {dialect.delimiter!r}, {quote}{escape}, {header}"


def _print_dataset_rules(dataset: Dataset) -> None:
    for check in dataset.checks:
        _say(f"\ncheck: {check.title} ({check.severity}){f'; {check.advice}' if check.advice else ''}")
    for tolerated in dataset.tolerate:
        places = " in ".join(place for place in (tolerated.column, tolerated.file) if place)
        _say(f"tolerated: {tolerated.code}{f' in {places}' if places else ''}")


def _say(text: str) -> None:
    click.echo("\n".join(map(printable, text.split("\n"))))
