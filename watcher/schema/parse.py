"""YAML to `Dataset` and `FileSchema`: the meta-schema judges the shape first, then what no meta-schema can say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from watcher.errors import ConfigError
from watcher.model.findings import Severity
from watcher.schema import judge
from watcher.schema.columns import column
from watcher.schema.definitions import Definitions
from watcher.schema.documents import Documents
from watcher.schema.model import (
    Absent,
    Case,
    Check,
    Dataset,
    DatasetFile,
    Dialect,
    Extra,
    FileSchema,
    HeaderRules,
    Limits,
    OnError,
    Order,
    RowLimit,
    Tolerated,
)
from watcher.schema.problem import depth_problems, worded
from watcher.schema.rules import row_rule
from watcher.schema.sound import all_rule_problems, file_problems, rule_shape_problems, with_references
from watcher.schema.sound_dataset import dataset_problems, limit_problem, reference_problems
from watcher.yamlfile import Document

DATASET_FILE = "dataset.yaml"


@dataclass(frozen=True, slots=True)
class _Entry:
    """One file of a dataset and the document of its schema; `i` is its place in the list."""

    i: int
    file: DatasetFile
    document: Document


def read_file_schema(path: Path, documents: Documents | None = None) -> FileSchema:
    """The schema of one file. Raises ConfigError with every problem that it has."""
    documents = documents or Documents()
    document = documents.read(path)
    _raise_any(depth_problems(document))
    _raise_any(judge.problems(document, "file"))
    _raise_any(worded(document, rule_shape_problems(document.data)))
    definitions = Definitions(documents, path, document)
    data = with_references(document.data, definitions)
    problems = [*worded(document, definitions.found), *definitions.problems]
    problems += worded(document, file_problems(data))
    if not problems:
        problems += worded(document, all_rule_problems(data))
    _raise_any(problems)
    return _file_schema(data)


def read_dataset(folder: Path, documents: Documents | None = None) -> Dataset:
    """The dataset of a folder with its `dataset.yaml`. Raises ConfigError with the problems of all its files."""
    documents = documents or Documents()
    document = documents.read(folder / DATASET_FILE)
    _raise_any(depth_problems(document))
    _raise_any(judge.problems(document, "dataset"))
    entries, problems = _entries(document, folder, documents)
    dataset = _dataset(document.data, tuple(entry.file for entry in entries), folder)
    if not problems:
        problems += worded(document, dataset_problems(dataset))
        for entry in entries:
            if "max_skipped_rows" in document.data["files"][entry.i]:
                problems += worded(document, limit_problem(entry.file.schema, ("files", entry.i)))
            problems += worded(entry.document, reference_problems(dataset, entry.file.schema))
    _raise_any(problems)
    return dataset


def schema_files(folder: Path) -> tuple[Path, ...]:
    """The file schemas that a sound dataset names, each once."""
    data = Documents().read(folder / DATASET_FILE).data
    return tuple(dict.fromkeys(folder / entry["schema"] for entry in data["files"]))


def _entries(document: Document, folder: Path, documents: Documents) -> tuple[list[_Entry], list[str]]:
    """The files of a dataset, and what is wrong with their schemas."""
    entries: list[_Entry] = []
    problems: list[str] = []
    for i, data in enumerate(document.data["files"]):
        path = folder / data["schema"]
        try:
            schema = _with_policy(read_file_schema(path, documents), data)
        except ConfigError as error:
            problems += error.problems
        else:
            file = DatasetFile(schema, data.get("required", False), data.get("match"))
            entries.append(_Entry(i, file, documents.read(path)))
    return entries, problems


def _raise_any(problems: list[str] | tuple[str, ...]) -> None:
    if problems:
        raise ConfigError(tuple(dict.fromkeys(problems)))


def _dataset(data: Mapping[str, Any], files: tuple[DatasetFile, ...], folder: Path) -> Dataset:
    return Dataset(
        name=data["name"],
        files=files,
        title=data.get("title", ""),
        description=data.get("description", ""),
        extra_files=Extra(data.get("extra_files", "warn")),
        checks=tuple(_check(each) for each in data.get("checks", ())),
        tolerate=tuple(_tolerated(each) for each in data.get("tolerate", ())),
        folder=folder,
    )


def _check(data: Mapping[str, Any]) -> Check:
    return Check(data["title"], data["sql"], Severity(data.get("severity", "error")), data.get("advice", ""))


def _tolerated(data: str | Mapping[str, Any]) -> Tolerated:
    return Tolerated(data) if isinstance(data, str) else Tolerated(data["code"], data.get("file"), data.get("column"))


def _file_schema(data: Mapping[str, Any]) -> FileSchema:
    header = data.get("header", {})
    schema = FileSchema(
        file=data["file"],
        columns=tuple(column(each) for each in data["columns"]),
        dialect=Dialect(**data.get("dialect", {})),
        header=HeaderRules(
            Order(header.get("order", "any")), Case(header.get("case", "strict")), Extra(header.get("extra", "warn"))
        ),
        limits=Limits(**data.get("limits", {})),
        key=tuple(data.get("key", ())),
        rules=tuple(row_rule(each) for each in data["rules"]),
        absent=Absent(data.get("absent", "keep")),
        title=data.get("title", ""),
        description=data.get("description", ""),
    )
    return _with_policy(schema, data)


def _with_policy(schema: FileSchema, data: Mapping[str, Any]) -> FileSchema:
    """The schema with what a file schema, or a dataset in its place, says of errors."""
    on_error = OnError(data.get("on_error", schema.on_error))
    limit = _row_limit(data["max_skipped_rows"]) if "max_skipped_rows" in data else schema.max_skipped_rows
    if on_error is OnError.SKIP_ROWS and limit == RowLimit():
        limit = _FEW_ROWS
    return replace(schema, on_error=on_error, max_skipped_rows=limit)


#: Unless a schema says otherwise: an export that went wrong as a whole must not be accepted as an empty one.
_FEW_ROWS = RowLimit(percent=5.0)


def _row_limit(written: int | str) -> RowLimit:
    """`100`, or `"2 %"`."""
    return RowLimit(percent=float(written.rstrip(" %"))) if isinstance(written, str) else RowLimit(rows=int(written))
