"""YAML to `Dataset` and `FileSchema`: the meta-schema judges the shape first, then what no meta-schema can say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from watcher.errors import ConfigError
from watcher.schema import values
from watcher.schema.documents import Documents
from watcher.schema.extending import Sheet, Sheets, resolved
from watcher.schema.extending_dataset import DatasetSheet, DatasetSheets
from watcher.schema.model import Dataset, DatasetFile, FileSchema
from watcher.schema.origins import Merged
from watcher.schema.problem import raise_any, worded
from watcher.schema.sound import all_rule_problems, file_problems
from watcher.schema.sound_dataset import dataset_problems, reference_problems
from watcher.schema.sound_skips import entry_problems


@dataclass(frozen=True, slots=True)
class _Entry:
    """One file of a dataset and the document of its schema; `i` is its place in the list."""

    i: int
    file: DatasetFile
    document: Merged


def read_file_schema(path: Path, documents: Documents | None = None) -> FileSchema:
    """The schema of one file. Raises ConfigError with every problem that it has."""
    return _file_schema(Sheets(documents or Documents()).sheet(path))[0]


def read_file_document(path: Path) -> Merged:
    """A sound file schema as one document, what it extends included. Raises ConfigError."""
    return resolved(Sheets(Documents()).sheet(path))[0]


def read_dataset(folder: Path, documents: Documents | None = None, places: Sequence[Path] = ()) -> Dataset:
    """The dataset of a folder with its `dataset.yaml`. Raises ConfigError with the problems of all its files.

    `places`: where one that it extends is looked for by its name, before the bundled ones.
    """
    sheet = DatasetSheets(Sheets(documents or Documents()), places).sheet(folder)
    whole = sheet.whole()
    entries, problems = _entries(sheet, whole)
    dataset = values.dataset(whole.data, tuple(entry.file for entry in entries), folder)
    if not problems:
        problems += worded(whole, dataset_problems(dataset))
        for entry in entries:
            written = whole.data["files"][entry.i]
            problems += worded(whole, entry_problems(written, entry.file.schema, ("files", entry.i)))
            problems += worded(entry.document, reference_problems(dataset, entry.file.schema))
    raise_any(problems)
    return dataset


def schema_files(folder: Path) -> tuple[Path, ...]:
    """The file schemas of a sound dataset, each once; some may lie beside a dataset that it extends."""
    sheet = DatasetSheets(Sheets(Documents())).sheet(folder)
    return tuple(dict.fromkeys(entry.sheet.path for entry in sheet.entries))


def _entries(sheet: DatasetSheet, whole: Merged) -> tuple[list[_Entry], list[str]]:
    """The files of a dataset, and what is wrong with their schemas."""
    entries: list[_Entry] = []
    problems = list(sheet.problems)
    for i, entry in enumerate(sheet.entries):
        try:
            schema, document = _file_schema(entry.sheet.with_defaults(whole, whole.data))
        except ConfigError as error:
            problems += error.problems
        else:
            entries.append(_Entry(i, values.dataset_file(schema, entry.keys), document))
    return entries, problems


def _file_schema(sheet: Sheet) -> tuple[FileSchema, Merged]:
    """The schema of a sheet, and the document to say what else is wrong with it. Raises ConfigError."""
    document, problems = resolved(sheet)
    problems += worded(document, file_problems(document.data))
    if not problems:
        problems += worded(document, all_rule_problems(document.data))
    raise_any(problems)
    return values.file_schema(document.data), document
