"""Every code of a finding, what it means and what to do."""

from __future__ import annotations

from collections.abc import Iterator

from docs.generate.markdown import NOTE, code, table
from watcher.model.codes import CODES
from watcher.model.findings import Level

_TITLES = {
    Level.EPOCH: "The drop as a whole",
    Level.FILE: "A file",
    Level.HEADER: "The header of a file",
    Level.ROW: "A row",
    Level.CELL: "A cell",
}


def page() -> str:
    return f"""{NOTE}
# Finding codes

What a report can say of a drop. A code keeps its meaning once it is published. Whether a finding is an *error*, which
rejects the drop, or a *warning* stands beside it in the report: a dataset may say so for its columns and files. See the
[report formats](report-format.md) for the keys around a code.

{"".join(_sections())}"""


def _sections() -> Iterator[str]:
    for level, title in _TITLES.items():
        rows = [(code(name), about.meaning, about.advice) for name, about in CODES.items() if about.level is level]
        yield f"## {title}\n\n{table(('Code', 'Meaning', 'What to do'), rows)}\n"
