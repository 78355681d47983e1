"""Reports for the tests, in one line each."""

from __future__ import annotations

from watcher.model.findings import Finding, Level, Occurrence, Sample, Severity
from watcher.model.report import FileReport, Report

#: What a stranger may put into a name or a cell: markup, a terminal escape, new lines, a formula, bytes that are no
#: UTF-8, a change of the reading direction, template and format syntax.
HOSTILE = (
    "<script>alert(1)</script>",
    "\x1b[2J\x1b]0;owned\x07",
    "a\nREJECTED: forged\r\n",
    '=HYPERLINK("http://evil.example","x")',
    "caf\udce9.csv",
    "\u202egnp.exe",
    "{{ 7 * 7 }}{% raw %}{0}",
    '"><img src=x onerror=alert(1)>',
    "\x00\x9b31m\u2028",
)


def a_file(name: str = "students.csv", **changes: object) -> FileReport:
    values: dict[str, object] = {"schema": name, "size_bytes": 1_234, "sha256": "a" * 64, "rows": 1_200, **changes}
    return FileReport(name=name, **values)  # type: ignore[arg-type]


def a_finding(code: str = "enum", severity: Severity = Severity.ERROR, **changes: object) -> Finding:
    values: dict[str, object] = {
        "level": Level.CELL,
        "message": "expected one of 'KG', '01'",
        "file": "students.csv",
        "line": 3,
        "column": "grade",
        "advice": "map the grade to a listed value",
        **changes,
    }
    return Finding(code=code, severity=severity, **values)  # type: ignore[arg-type]


def a_report(*findings: Finding, files: tuple[FileReport, ...] = (a_file(),)) -> Report:
    return Report("students", files, findings, "lakeview", "20260901-020000")


def hostile_report(text: str) -> Report:
    """A report with this text in every place that comes from outside."""
    finding = a_finding(
        file=text, column=text, message=f"found {text}", advice=f"do {text}", count=9, samples=(Sample(3, 2, text),)
    )
    return Report(text, (a_file(text, schema=text),), (finding,), text, text, came_as=(text,))


def an_occurrence(**changes: object) -> Occurrence:
    values: dict[str, object] = {
        "code": "enum",
        "severity": Severity.ERROR,
        "level": Level.CELL,
        "message": "expected one of 'KG', '01'",
        "file": "students.csv",
        "line": 3,
        "column": "grade",
        "record": 2,
        "value": "13",
        **changes,
    }
    return Occurrence(**values)  # type: ignore[arg-type]


def a_report_with_gaps() -> Report:
    """An accepted drop without three rows of users.csv and without staff.csv."""
    return Report(
        "roster",
        (
            a_file("staff.csv", rows=7, is_left_out=True, skipped_errors=1),
            a_file("users.csv", skipped=(2, 4, 5), skipped_errors=5, warnings=1),
        ),
        (
            a_finding("missing-column", Severity.SKIPPED, file="staff.csv", level=Level.HEADER, line=1, column="id"),
            a_finding(
                severity=Severity.SKIPPED, file="users.csv", count=5, samples=(Sample(3, 2, "13"), Sample(9, 4, "x"))
            ),
            a_finding("blank-line", Severity.WARNING, file="users.csv", level=Level.ROW, column=None),
        ),
        "lakeview",
        "20260901-020000",
    )
