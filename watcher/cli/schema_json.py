"""`epoch-watcher schema show --json`: everything that a dataset says, as JSON values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from watcher.schema import Column, Dataset, DatasetFile
    from watcher.schema.model import Manifest, Mode


def summary(name: str, dataset: Dataset) -> dict[str, Any]:
    """A dataset in a listing."""
    return {"name": name, "title": dataset.title, "files": [file.name for file in dataset.files]}


def dataset_json(dataset: Dataset, files: Sequence[DatasetFile]) -> dict[str, Any]:
    """A dataset with some of its files, or all."""
    intake, zips = dataset.intake, dataset.zips
    return {
        **summary(dataset.name, dataset),
        "description": dataset.description,
        "extra_files": dataset.extra_files.value,
        "modes": [_mode(mode) for mode in dataset.modes],
        "manifest": None if dataset.manifest is None else _manifest(dataset.manifest),
        "intake": {
            "names": [{"name": rule.name, "as": rule.target, "each": rule.each} for rule in intake.names],
            "expect": list(intake.expect),
            "quiet_seconds": intake.quiet_seconds,
            "latest_seconds": intake.latest_seconds,
        },
        "zips": {
            "unpack": zips.unpack,
            "folder": zips.folder.value,
            "max_members": zips.max_members,
            "max_bytes": zips.max_bytes,
            "max_member_bytes": zips.max_member_bytes,
            "max_ratio": zips.max_ratio,
        },
        "checks": [
            {"title": c.title, "sql": c.sql, "severity": c.severity.value, "advice": c.advice} for c in dataset.checks
        ],
        "tolerate": [{"code": t.code, "file": t.file, "column": t.column} for t in dataset.tolerate],
        "files": [_file(file) for file in files],
    }


def _mode(mode: Mode) -> dict[str, Any]:
    return {
        "name": mode.name,
        "blank": list(mode.blank),
        "required": list(mode.required),
        "header_only": None if mode.header_only is None else mode.header_only.value,
        "references": mode.references.value,
    }


def _manifest(manifest: Manifest) -> dict[str, Any]:
    return {
        "file": manifest.file,
        "property": manifest.property,
        "value": manifest.value,
        "mode": manifest.mode,
        "without": manifest.without,
        "properties": [
            {"name": p.name, "required": p.required, "const": p.const, "aliases": list(p.aliases), "advice": p.advice}
            for p in manifest.properties
        ],
    }


def _file(file: DatasetFile) -> dict[str, Any]:
    from watcher.schema.export import file_facts

    schema = file.schema
    return {
        **file_facts(schema),
        "file": file.name,
        "required": file.required,
        "needs": list(file.needs),
        "advice": file.advice,
        "title": schema.title,
        "description": schema.description,
        "rules": [
            {"title": r.title, "severity": r.severity.value, "advice": r.advice, "schema": dict(r.schema)}
            for r in schema.rules
        ],
        "columns": [_column(column) for column in schema.columns],
    }


def _column(column: Column) -> dict[str, Any]:
    from watcher.cli.schema_rules import rules_in_words

    return {
        "name": column.name,
        "match": column.match,
        "required": column.required,
        "unique": column.unique,
        "missing": None if column.missing is None else column.missing.value,
        "blank": column.blank,
        "aliases": list(column.aliases),
        "severity": column.severity.value,
        "schema": dict(column.judged_by),
        "separator": column.separator,
        "inner_separator": column.inner_separator if column.is_nested else None,
        "formats": list(column.formats),
        "nulls": list(column.nulls),
        "true_values": list(column.true_values),
        "false_values": list(column.false_values),
        "references": None if column.references is None else str(column.references),
        "references_where": {} if column.references is None else {n: list(t) for n, t in column.references.where},
        "rules": list(rules_in_words(column)),
        "description": column.description,
        "example": column.example,
        "source": column.source,
    }
