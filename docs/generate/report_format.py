"""The JSON form of a report, from its JSON Schema; and the CSV form's columns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from docs.generate.markdown import NOTE, code, table
from watcher.reporting.csvfile import HEADER
from watcher.reporting.jsonform import schema

_CSV = {
    "severity": "`error`, `skipped` or `warning`, also `skipped` where too many rows were to be skipped",
    "code": "the finding's code",
    "file": "the file; empty for the drop as a whole",
    "line": "physical line, 1-based, header included",
    "column": "the column's name",
    "record": "data record, 1-based, header not counted",
    "message": "what was found and what was expected",
    "value": "what was found there, shortened and made printable",
    "advice": "what to do next",
    "rule": "the title of the row rule or check that is broken",
}


def page() -> str:
    described = schema()
    return f"""{NOTE}
# Report formats

`epoch-watcher validate` writes a report as `text`, `json`, `html` or `csv`; the service writes the same reports for the
sender. Names and values come from the sender: in every form they are shortened, and control characters, undecodable
bytes and characters that turn the reading direction are shown as escapes such as `\\n` and `\\x1b`.

## JSON

{described["description"]} The schema itself is `watcher/reporting/report.schema.json` (JSON Schema Draft 2020-12).

{"".join(_sections(described))}
## CSV

One row for each occurrence, none left out, written while the files are being read. Every cell is quoted and holds no
line end. Where a spreadsheet could take a cell for a formula, an apostrophe stands before it.

{table(("Column", "Meaning"), ((code(name), _CSV[name]) for name in HEADER))}
## Rows that are left out

`skipped-<file>.csv`, written by `validate --skipped` and by the service beside the report: a row for each one that is
left out, with its `line`, `why` (what is wrong with it), and its cells under the file's own column names. A row that
can't be split into cells has its text in the cell behind `why`. Quoted and made harmless like the CSV of occurrences.

## Text and HTML

For people; their wording and layout may change. The text is at most 96 columns wide but for longer names. The HTML page
is one file without scripts or outside links.
"""


def _sections(described: dict[str, Any]) -> Iterator[str]:
    yield _section("The report", described)
    yield _section("`totals`", described["properties"]["totals"])
    for name, part in described["$defs"].items():
        if part.get("type") == "object":
            yield _section(f"A {name}", part)


def _section(title: str, part: dict[str, Any]) -> str:
    rows = ((code(name), _type(value), value["description"]) for name, value in part["properties"].items())
    return f"### {title}\n\n{table(('Key', 'Type', 'Meaning'), rows)}\n"


def _type(value: dict[str, Any]) -> str:
    resolved = _resolved(value)
    if "const" in resolved:
        return f"always `{resolved['const']}`"
    if "enum" in resolved:
        return " or ".join(code(word) for word in resolved["enum"])
    if resolved["type"] == "array":
        return f"list of {_resolved(resolved['items']).get('title', 'values')}s"
    kinds = resolved["type"] if isinstance(resolved["type"], list) else [resolved["type"]]
    return " or ".join(kinds)


def _resolved(value: dict[str, Any]) -> dict[str, Any]:
    reference = value.get("$ref", "").removeprefix("#/$defs/")
    found: dict[str, Any] = schema()["$defs"][reference] if reference else value
    return found
