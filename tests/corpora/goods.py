"""The full good drop of each bundled dataset, ready to be broken."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from tests.corpora.corpus import CORPORA, build, read_case
from tests.corpora.sheets import Sheet, file_of, read_sheet
from watcher.errors import ConfigError
from watcher.model.findings import Occurrence
from watcher.schema.find import dataset_names, find_dataset
from watcher.schema.model import Column, Dataset, FileSchema, Mode, OnError
from watcher.validation import validate, validate_file


@dataclass(frozen=True, slots=True)
class Good:
    """A dataset and a drop that it takes, in a folder of this test."""

    dataset: Dataset
    folder: Path

    def sheet(self, file: str) -> Sheet:
        """One of its files by the name in the schema."""
        known = next(each for each in self.dataset.files if each.schema.file == file)
        path = file_of(self.folder, known.schema, known.match)
        assert path is not None, f"the full drop of {self.dataset.name} has no {file}"
        return read_sheet(path, known.schema)

    def copy(self, into: Path, changed: Iterable[Sheet]) -> Path:
        """The drop with some of its files written anew."""
        shutil.copytree(self.folder, into, dirs_exist_ok=True)
        for sheet in changed:
            sheet.write(into)
        return into


#: The good drop of a dataset by its name, `full` unless it is said.
GoodOf = Callable[..., Good]


def in_mode(good: Good, mode: Mode, into: Path) -> Good:
    """A drop of the first mode turned into one of another: its manifest says so, what must be filled is."""
    manifest, first = good.dataset.manifest, good.dataset.modes[0]
    sheets = []
    for schema in tables(good.dataset):
        sheet = good.sheet(schema.file)
        if manifest is not None and schema.file == manifest.file:
            said = {first.name: mode.name}
            rows = tuple(tuple(said.get(cell, cell) for cell in row) for row in sheet.rows)
        else:
            filled = {place: column.example for place, column in sheet.columns if column.name in mode.required}
            rows = tuple(tuple(filled.get(place, cell) for place, cell in enumerate(row)) for row in sheet.rows)
        sheets.append(replace(sheet, rows=rows))
    return Good(good.dataset, good.copy(into, sheets))


def tables(dataset: Dataset) -> tuple[FileSchema, ...]:
    """The schemas of a dataset's CSV files that have columns."""
    return tuple(file.schema for file in dataset.files if file.schema.columns and file.schema.picture is None)


def datasets() -> Iterator[Dataset]:
    """Every bundled dataset that is sound; `test_bundled` complains of the others."""
    for name in dataset_names():
        try:
            yield find_dataset(name)
        except ConfigError:
            continue


def made(dataset: Dataset, name: str, into: Path) -> Path:
    """The good drop of this name, in a folder that is made."""
    return build(read_case(CORPORA / dataset.name / "good" / name), into)


def alone(schema: FileSchema) -> FileSchema:
    """The schema with its rules for single cells, and no others."""
    columns = tuple(replace(column, references=None, unique=False) for column in schema.columns)
    return replace(schema, columns=columns, key=(), rules=(), on_error=OnError.REJECT_EPOCH)


def across(dataset: Dataset) -> Dataset:
    """The dataset with what spans rows and files: without rules, checks and tolerance."""
    files = tuple(replace(f, schema=replace(f.schema, rules=(), on_error=OnError.REJECT_EPOCH)) for f in dataset.files)
    return replace(dataset, files=files, checks=(), tolerate=())


def without_keys(dataset: Dataset) -> Dataset:
    """The dataset in which a row may stand twice."""

    def lax(schema: FileSchema) -> FileSchema:
        return replace(schema, key=(), columns=tuple(replace(column, unique=False) for column in schema.columns))

    return replace(dataset, files=tuple(replace(file, schema=lax(file.schema)) for file in dataset.files))


def of_file(path: Path, schema: FileSchema) -> list[Occurrence]:
    """What is wrong with one file by itself, each place of it."""
    found: list[Occurrence] = []
    validate_file(path, schema, sink=found.append)
    return found


def of_drop(folder: Path, dataset: Dataset) -> list[Occurrence]:
    """What is wrong with a drop, each place of it."""
    found: list[Occurrence] = []
    validate(folder, dataset, sink=found.append)
    return found


def identifier(dataset: Dataset, schema: FileSchema, column: Column | None = None, *more: str) -> str:
    """`clever/students.csv/School_id/enum`."""
    return "/".join((dataset.name, schema.file, *([] if column is None else [column.name]), *more))
