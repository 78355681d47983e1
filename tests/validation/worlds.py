"""Builds datasets and drops in one line each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from watcher.model.findings import Finding
from watcher.model.report import Report
from watcher.schema.model import Column, ColumnType, Dataset, DatasetFile, Extra, FileSchema, Reference
from watcher.validation import validate


def column(name: str, /, **about: Any) -> Column:
    """A column; JSON Schema keywords go to `judged_by`, everything else is the column's own."""
    own = {"required", "aliases", "separator", "severity", "formats", "references", "nulls", "match", "example"}
    own |= {"unique", "inner_separator", "true_values", "false_values", "blank", "missing"}
    kind = ColumnType(about.pop("type", "string"))
    rules = {key: about.pop(key) for key in list(about) if key not in own}
    if isinstance(about.get("references"), str):
        about["references"] = Reference(*about["references"].split("."))
    return Column(name, {"type": kind.value, **rules}, kind, **about)


def file_schema(file: str, *columns: Column, **about: Any) -> FileSchema:
    return FileSchema(file, columns, **about)


def dataset(*schemas: FileSchema, required: bool = False, extra_files: Extra = Extra.WARN) -> Dataset:
    return Dataset("test", tuple(DatasetFile(schema, required) for schema in schemas), extra_files=extra_files)


def drop(folder: Path, **files: str | bytes) -> Path:
    """An epoch with these files: `drop(tmp_path, students="id\\n1\\n")` makes students.csv."""
    epoch = folder / "20260901-020000"
    epoch.mkdir(exist_ok=True)
    for stem, content in files.items():
        data = content.encode() if isinstance(content, str) else content
        (epoch / f"{stem}.csv").write_bytes(data)
    (epoch / "COMPLETE").touch()
    return epoch


def check(folder: Path, content: str | bytes, *columns: Column, **about: Any) -> Report:
    """The report on one file a.csv with these columns."""
    return validate(drop(folder, a=content), dataset(file_schema("a.csv", *columns, **about)))


def codes(report: Report) -> list[str]:
    return [finding.code for finding in report.findings]


def only(report: Report, code: str) -> Finding:
    """The one finding of this code."""
    [found] = [finding for finding in report.findings if finding.code == code]
    return found
