"""Columns without a name in the header line: each is a finding, but for empty ones behind the last name."""

from __future__ import annotations

from watcher.model.findings import Occurrence, Severity
from watcher.schema.model import FileSchema
from watcher.validation.findings.occurrences import occurrence


def nameless_at_end(names: tuple[str, ...]) -> tuple[int, ...]:
    """The positions behind the last name; none if there is no name at all."""
    last = max((i for i, name in enumerate(names) if name.strip()), default=len(names))
    return tuple(range(last + 1, len(names)))


def nameless_column(i: int, schema: FileSchema, file: str, line: int) -> Occurrence:
    """A column without a name, at this position."""
    message = "a column has no name in the header line"
    severity = schema.header.extra.severity or Severity.WARNING
    return occurrence("empty-header", message, severity=severity, file=file, line=line, value=f"column {i + 1}")
