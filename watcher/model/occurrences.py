"""Makes an occurrence of a code in the table, for whoever finds something: the intake, the service, the validation."""

from __future__ import annotations

from watcher.model.codes import CODES
from watcher.model.findings import Occurrence, Severity


def occurrence(
    code: str,
    message: str,
    *,
    severity: Severity = Severity.ERROR,
    file: str | None = None,
    line: int | None = None,
    column: str | None = None,
    record: int | None = None,
    value: str | None = None,
    advice: str | None = None,
    rule: str | None = None,
    asked: str | None = None,
) -> Occurrence:
    """An occurrence of a code in the table, with the table's level and, unless a better one is given, its advice."""
    about = CODES[code]
    return Occurrence(
        code=code,
        severity=severity,
        level=about.level,
        message=message,
        file=file,
        line=line,
        column=column,
        record=record,
        value=value,
        advice=about.advice if advice is None else advice,
        rule=rule,
        asked=asked,
    )
