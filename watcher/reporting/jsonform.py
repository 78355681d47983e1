"""A report as JSON: the stable form for programs, described by report.schema.json beside this file.

Keys are added, never taken away or given another meaning, as long as `version` stays; a reader passes over keys that
it doesn't know. Every key is always there; null says that it doesn't apply.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

from watcher.model.findings import Finding
from watcher.model.report import FileReport, Report
from watcher.reporting.sections import sections

VERSION = 1


def render(report: Report) -> str:
    """The JSON text, indented, ending in a newline. Expects a printable report."""
    return json.dumps(to_json(report), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def schema() -> dict[str, Any]:
    """The published JSON Schema (Draft 2020-12) of this form."""
    text = files("watcher.reporting").joinpath("report.schema.json").read_text(encoding="utf-8")
    result: dict[str, Any] = json.loads(text)
    return result


def to_json(report: Report) -> dict[str, Any]:
    """The report as plain values, findings in the order of the text form."""
    return {
        "version": VERSION,
        "verdict": report.verdict.value,
        "dataset": report.dataset,
        "root": report.root,
        "epoch": report.epoch,
        "came_as": list(report.came_as),
        "totals": {
            "files": len(report.files),
            "rows": report.rows,
            "errors": report.errors,
            "warnings": report.warnings,
            "skipped_rows": report.skipped_rows,
            "skipped_files": len(report.files_left_out),
            "skipped_errors": report.skipped_errors,
        },
        "files": [_file(file) for file in report.files],
        "findings": [_finding(finding) for section in sections(report) for finding in section.findings],
    }


def _file(file: FileReport) -> dict[str, Any]:
    return {
        "name": file.name,
        "schema": file.schema,
        "mode": file.mode,
        "rows": file.rows,
        "size_bytes": file.size_bytes,
        "sha256": file.sha256,
        "errors": file.errors,
        "warnings": file.warnings,
        "skipped_rows": len(file.skipped),
        "is_left_out": file.is_left_out,
        "skipped_errors": file.skipped_errors,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "level": finding.level.value,
        "file": finding.file,
        "line": finding.line,
        "column": finding.column,
        "rule": finding.rule,
        "message": finding.message,
        "advice": finding.advice,
        "count": finding.count,
        "samples": [
            {"line": sample.line, "record": sample.record, "value": sample.value, "count": sample.count}
            for sample in finding.samples
        ],
    }
