"""The files in a drop's envelope that are for its sender: the report in each form, and the rows that are left out."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from watcher import fsops
from watcher.failpoints import reach
from watcher.intake.envelope import FILES
from watcher.model.report import Report, Verdict

if TYPE_CHECKING:
    from watcher.schema import Dataset

#: The report's files in the envelope, by form.
REPORT_FILES = {"json": "report.json", "text": "report.txt", "html": "report.html"}
#: What the names of the files begin with that list rows left out; they lie beside the report.
SKIPPED_PREFIX = "skipped-"


def write_report(envelope: Path, report: Report) -> None:
    """The report in each form, in place of an earlier one. Raises OSError."""
    from watcher.reporting import render  # noqa: PLC0415 (the service itself renders nothing)

    with fsops.open_root(envelope) as fd:
        for form, name in REPORT_FILES.items():
            fsops.write_file(name, fd, render(report, form).encode())
    reach("validate.report-written")


def write_skipped_rows(envelope: Path, dataset: Dataset, report: Report) -> None:
    """The rows that an accepted drop goes on without; those of an earlier verdict go. Raises OSError."""
    from watcher.reporting.skippedrows import write_skipped  # noqa: PLC0415 (the service itself never needs polars)

    with fsops.open_root(envelope) as fd:
        for name in os.listdir(fd):
            if name.startswith(SKIPPED_PREFIX):
                fsops.remove(name, fd)
    if report.verdict is Verdict.ACCEPTED:
        write_skipped(envelope / FILES, dataset, report, envelope)
