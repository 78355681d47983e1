"""Sound mappings to frozen values: the last step of reading, in which nothing can go wrong any more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from watcher.model.findings import Severity
from watcher.schema.columns import column
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
    Picture,
    RowLimit,
    Tolerated,
)
from watcher.schema.rules import row_rule
from watcher.schema.setvalues import intake, manifest, modes, zips

#: Unless a schema says otherwise: an export that went wrong as a whole must not be accepted as an empty one.
_FEW_ROWS = RowLimit(percent=5.0)


def file_schema(data: Mapping[str, Any]) -> FileSchema:
    """The file schema of a mapping whose references are resolved."""
    absent, within = _absent(data.get("absent", "keep"))
    schema = FileSchema(
        file=data["file"],
        columns=tuple(column(each) for each in data["columns"]),
        dialect=Dialect(**data.get("dialect", {})),
        header=_header(data.get("header", {})),
        limits=Limits(**data.get("limits", {})),
        key=tuple(data.get("key", ())),
        rules=tuple(row_rule(each) for each in data["rules"]),
        absent=absent,
        absent_within=within,
        header_only=Extra(data.get("header_only", "warn")),
        picture=_picture(data["picture"]) if "picture" in data else None,
        title=data.get("title", ""),
        description=data.get("description", ""),
    )
    return _with_policy(schema, data)


def dataset_file(schema: FileSchema, data: Mapping[str, Any]) -> DatasetFile:
    """One file of a dataset, as its entry there has it."""
    return DatasetFile(
        schema=_with_policy(schema, data),
        required=data.get("required", False),
        match=data.get("match"),
        needs=tuple(data.get("needs", ())),
        advice=data.get("advice", ""),
    )


def dataset(data: Mapping[str, Any], files: tuple[DatasetFile, ...], folder: Path) -> Dataset:
    """The dataset of a mapping, with its files."""
    return Dataset(
        name=data["name"],
        files=files,
        title=data.get("title", ""),
        description=data.get("description", ""),
        extra_files=Extra(data.get("extra_files", "warn")),
        checks=tuple(_check(each) for each in data.get("checks", ())),
        tolerate=tuple(_tolerated(each) for each in data.get("tolerate", ())),
        modes=modes(data.get("modes", {})),
        manifest=manifest(data["manifest"]) if "manifest" in data else None,
        intake=intake(data.get("intake", {})),
        zips=zips(data.get("zips", {})),
        folder=folder,
    )


def _check(data: Mapping[str, Any]) -> Check:
    return Check(data["title"], data["sql"], Severity(data.get("severity", "error")), data.get("advice", ""))


def _tolerated(data: str | Mapping[str, Any]) -> Tolerated:
    return Tolerated(data) if isinstance(data, str) else Tolerated(data["code"], data.get("file"), data.get("column"))


def _header(data: Mapping[str, Any]) -> HeaderRules:
    return HeaderRules(
        order=Order(data.get("order", "any")),
        case=Case(data.get("case", "strict")),
        extra=Extra(data.get("extra", "warn")),
        missing=Extra(data.get("missing", "ignore")),
        aliases=Extra(data.get("aliases", "ignore")),
    )


def _picture(data: Mapping[str, Any]) -> Picture:
    return Picture(**{**data, "formats": tuple(data.get("formats", Picture().formats))})


def _absent(written: str | Mapping[str, Any]) -> tuple[Absent, str]:
    """`mark`, or `{"delete-within": "student_id"}`: what an absent row means, and the column that it goes by."""
    if isinstance(written, str):
        return Absent(written), ""
    return Absent.DELETE_WITHIN, str(written["delete-within"])


def _with_policy(schema: FileSchema, data: Mapping[str, Any]) -> FileSchema:
    """The schema with what a file schema, or a dataset in its place, says of errors."""
    on_error = OnError(data.get("on_error", schema.on_error))
    limit = _row_limit(data["max_skipped_rows"]) if "max_skipped_rows" in data else schema.max_skipped_rows
    if on_error is OnError.SKIP_ROWS and limit == RowLimit():
        limit = _FEW_ROWS
    skip_only = tuple(data.get("skip_only", schema.skip_only))
    return replace(schema, on_error=on_error, max_skipped_rows=limit, skip_only=skip_only)


def _row_limit(written: int | str) -> RowLimit:
    """`100`, or `"2 %"`."""
    return RowLimit(percent=float(written.rstrip(" %"))) if isinstance(written, str) else RowLimit(rows=int(written))
