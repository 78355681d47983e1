"""The full good drop of each bundled dataset, ready to be broken."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from tests.corpora.corpus import CORPORA, build, read_case
from tests.corpora.sheets import Sheet, file_of, read_sheet
from watcher.errors import ConfigError
from watcher.model.findings import Occurrence
from watcher.schema.find import dataset_names, find_dataset
from watcher.schema.model import Column, Dataset, FileSchema, OnError
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


def made(dataset: Dataset, name: str, into: Path) -> Good:
    """The good drop of this name."""
    return Good(dataset, build(read_case(CORPORA / dataset.name / "good" / name), into))


def alone(schema: FileSchema) -> FileSchema:
    """The schema with its rules for single cells, and no others."""
    columns = tuple(replace(column, references=None, unique=False) for column in schema.columns)
    return replace(schema, columns=columns, key=(), rules=(), on_error=OnError.REJECT_EPOCH)


def across(dataset: Dataset) -> Dataset:
    """The dataset without rules and checks, and without tolerance: what is left spans rows and files."""
    files = tuple(replace(f, schema=replace(f.schema, rules=(), on_error=OnError.REJECT_EPOCH)) for f in dataset.files)
    return replace(dataset, files=files, checks=(), tolerate=())


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
