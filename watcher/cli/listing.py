"""How listings look: columns for people, one JSON document for programs, times in the reader's zone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import click

from watcher.model.names import safe_name
from watcher.model.records import Notice, Record


def table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Left-aligned columns under their titles, the last one as long as it is; lines end without blanks."""
    lines = [titles, *rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(titles) - 1)]
    padded = ([*(cell.ljust(width) for cell, width in zip(line[:-1], widths, strict=True)), line[-1]] for line in lines)
    return "\n".join("  ".join(line).rstrip() for line in padded)


def echo_json(value: object) -> None:
    """Print one document. Everything beyond ASCII is escaped: a terminal's encoding can't spoil it."""
    click.echo(json.dumps(value, indent=2, allow_nan=False))


def moment(at: datetime | None) -> str:
    """A time as the reader's own clock shows it; `-` for none."""
    return "-" if at is None else f"{at.astimezone():%Y-%m-%d %H:%M:%S}"


def iso(at: datetime | None) -> str | None:
    """A time for programs: UTC, to the second, `2026-09-01T02:00:00Z`."""
    return None if at is None else f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def number(value: int | None) -> str:
    """A count with thousands apart; `-` where it is not known."""
    return "-" if value is None else f"{value:,}"


def count(value: int | None, one: str) -> str:
    """`1 file`, `2 files`, `- files` where the number is not known."""
    return f"{number(value)} {one}{'' if value == 1 else 's'}"


def duration(seconds: float) -> str:
    """`12 s`, `5 min`, `3 h`, `4 days`: as exact as a person cares."""
    for unit, length, least in (("days", 86400, 2 * 86400), ("h", 3600, 2 * 3600), ("min", 60, 120)):
        if seconds >= least:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"


def line(text: str) -> str:
    """A text from the journal as one printable line."""
    return safe_name(text, 2000)


def record_json(record: Record) -> dict[str, Any]:
    """A drop as every listing shows it. Keys are added, never taken away or given another meaning."""
    return {
        "root": record.root,
        "epoch": record.epoch,
        "take": record.take,
        "run": record.run,
        "kind": record.kind.value,
        "state": record.state.value,
        "since": iso(record.since),
        "created": iso(record.created),
        "reason": line(record.reason),
        "retry_at": iso(record.retry_at),
        "dataset": None if record.dataset is None else line(record.dataset),
        "key": record.key,
        "files": record.files,
        "size_bytes": record.size_bytes,
        "rows": record.rows,
        "errors": record.errors,
        "warnings": record.warnings,
        "loaded_by": list(record.loaded_by),
        "source_left": record.source_left,
        "report_delivered": record.delivered,
    }


def notice_json(notice: Notice) -> dict[str, Any]:
    """Something in a root that a person should know."""
    return {"root": notice.root, "kind": notice.kind, "subject": line(notice.subject), "text": line(notice.text)}


def notice_line(notice: Notice) -> str:
    """`unknown-entry students.csv: a file that is no drop; ...`."""
    return f"{notice.kind} {line(notice.subject)}: {line(notice.text)}"
