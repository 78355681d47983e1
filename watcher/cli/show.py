"""`epoch-watcher show`: everything about one drop."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from watcher import fsops
from watcher.cli.drops import find_drop, take_option
from watcher.cli.listing import (
    count,
    echo_json,
    iso,
    line,
    moment,
    notice_json,
    notice_line,
    number,
    record_json,
    table,
)
from watcher.cli.options import config_option, json_option
from watcher.errors import WatcherError
from watcher.model.names import safe_name
from watcher.model.states import State
from watcher.text import human_size, some_of

if TYPE_CHECKING:
    from watcher.journal import Journal
    from watcher.model.records import Attempt, Notice, Record, Request, Transition

_FORMS = ("text", "json", "html")
#: Names of loose files that are told; the JSON form has all.
_MOST_NAMES = 20


@dataclass(frozen=True, slots=True)
class _Drop:
    """What is known of one drop. `report` is that of the JSON form, None where there is none to read."""

    record: Record
    takes: int
    folder: Path
    transitions: tuple[Transition, ...]
    attempts: tuple[Attempt, ...]
    notices: tuple[Notice, ...]
    requests: tuple[Request, ...]
    report: dict[str, Any] | None
    report_problem: str

    @property
    def files(self) -> list[dict[str, Any]]:
        return list(self.report["files"]) if self.report else []


@click.command()
@click.argument("root")
@click.argument("epoch")
@take_option
@click.option("--report", "form", type=click.Choice(_FORMS), help="Print the report alone, in this form.")
@json_option
@config_option
def command(*, root: str, epoch: str, take: int | None, form: str | None, as_json: bool, config: Path) -> None:
    """Show one drop: its states with times and reasons, attempts, files, report, where it lies.

    The report quotes cells of the sender's files: mind who reads along. With --report it is printed alone:

    \b
      epoch-watcher show lakeview 20260901-020000 --report html > report.html

    Exit code 0, or 1 if there is no such drop, or no report where one is asked for.
    """
    from watcher.config import load
    from watcher.journal import open_journal
    from watcher.service.folders import WorkFolders

    settings = load(config)
    with open_journal(settings.journal, read_only=True) as journal:
        record = find_drop(journal, root, epoch, take)
        folder = WorkFolders(settings.work_dir).envelope(record)
        if form:
            click.echo(_read_report(folder, form), nl=False)
            return
        drop = _gather(journal, record, folder)
    if as_json:
        echo_json(_json(drop))
    else:
        _print(drop)


def _read_report(folder: Path, form: str) -> str:
    """A report as it lies in the drop's folder. Raises WatcherError where there is none to read."""
    from watcher.service.reportfiles import REPORT_FILES

    path = folder / REPORT_FILES[form]
    try:
        with (
            fsops.open_root(folder) as home,
            fsops.open_regular(path.name, home) as fd,
            open(fd, "rb", closefd=False) as f,
        ):
            return f.read().decode(errors="replace")
    except FileNotFoundError as error:
        raise WatcherError(f"there is no report in {folder}") from error
    except OSError as error:
        raise WatcherError(f"{path}: {error.strerror}; run as the service's user") from error


def _gather(journal: Journal, record: Record, folder: Path) -> _Drop:
    report, problem = None, ""
    try:
        report = json.loads(_read_report(folder, "json"))
    except WatcherError as error:
        problem = str(error)
    except ValueError:
        problem = f"the report in {folder} is damaged; `replay` makes a new one"
    subjects = {record.epoch, *(safe_name(entry.name) for entry in record.source.entries)}
    return _Drop(
        record=record,
        takes=len(journal.find(record.root, record.epoch)),
        folder=folder,
        transitions=journal.transitions(record.id),
        attempts=journal.attempts(record.id),
        notices=tuple(notice for notice in journal.notices(record.root) if notice.subject in subjects),
        requests=tuple(request for request in journal.requests() if request.record_id == record.id),
        report=report,
        report_problem=problem,
    )


# --- for people -------------------------------------------------------------------------------------------------------


def _print(drop: _Drop) -> None:
    click.echo("\n".join(f"{title + ':':<13}{text}" for title, text in _facts(drop)))
    steps = [(moment(t.at), str(t.after), line(t.reason)) for t in drop.transitions]
    _section("States", table(("WHEN", "STATE", "REASON"), steps))
    if drop.attempts:
        titles = ("STARTED", "ENDED", "RUN", "STEP", "LOADER", "ENDING", "REASON")
        _section("Attempts", table(titles, [_attempt(attempt) for attempt in drop.attempts]))
    if drop.files:
        _section("Files", table(("ROWS", "LEFT OUT", "SIZE", "SHA-256", "NAME"), [_file(file) for file in drop.files]))
    if drop.notices:
        _section("Notices", "\n".join(notice_line(notice) for notice in drop.notices))
    _section("Report", _report_text(drop))


def _file(file: dict[str, Any]) -> tuple[str, ...]:
    # a report that was written before anything could be left out doesn't say
    rows = file.get("skipped_rows", 0)
    left_out = "all" if file.get("is_left_out") else number(rows) if rows else "-"
    return number(file["rows"]), left_out, human_size(file["size_bytes"]), file["sha256"][:12], line(file["name"])


def _facts(drop: _Drop) -> list[tuple[str, str]]:
    record = drop.record
    retry = [("next try", moment(record.retry_at))] if record.retry_at else []
    left = [("original", "could not be removed from the root; it was taken as a copy")] if record.source_left else []
    wishes = [(str(r.kind), f"asked for by {line(r.by)} at {moment(r.at)}, not yet done") for r in drop.requests]
    return [
        ("drop", f"{record.root} {record.epoch}, take {record.take} of {drop.takes}, run {record.run} ({record.kind})"),
        (
            "state",
            f"{record.state} since {moment(record.since)}" + (f": {line(record.reason)}" if record.reason else ""),
        ),
        *retry,
        *([("sent as", some_of(record.came_as, _MOST_NAMES))] if record.came_as else []),
        ("claimed", moment(record.created)),
        ("dataset", line(record.dataset or "-")),
        ("contents", f"{count(record.files, 'file')}, {count(record.rows, 'row')}, {_size(record)}"),
        ("findings", f"{count(record.errors, 'error')}, {count(record.warnings, 'warning')}"),
        ("loaded by", ", ".join(map(line, record.loaded_by)) or "-"),
        ("lies in", _where(drop)),
        *left,
        *wishes,
    ]


def _size(record: Record) -> str:
    return "-" if record.size_bytes is None else human_size(record.size_bytes)


def _where(drop: _Drop) -> str:
    if drop.record.state is State.WITHDRAWN:
        return "nothing was taken"
    return safe_name(str(drop.folder), 1000)


def _attempt(attempt: Attempt) -> tuple[str, ...]:
    ending = str(attempt.ending) if attempt.ending else "no end known"
    loader = line(attempt.loader or "-")
    times = (moment(attempt.started), moment(attempt.ended))
    return (*times, str(attempt.run), str(attempt.step), loader, ending, line(attempt.reason))


def _report_text(drop: _Drop) -> str:
    try:
        return _read_report(drop.folder, "text").rstrip("\n")
    except WatcherError as error:
        return line(str(error))


def _section(title: str, text: str) -> None:
    click.echo(f"\n{title}\n{'-' * len(title)}\n{text}")


# --- for programs -----------------------------------------------------------------------------------------------------


def _json(drop: _Drop) -> dict[str, Any]:
    return {
        **record_json(drop.record),
        "came_as": list(drop.record.came_as),
        "folder": safe_name(str(drop.folder), 1000),
        "takes": drop.takes,
        "transitions": [
            {"at": iso(t.at), "before": t.before, "after": t.after, "reason": line(t.reason)} for t in drop.transitions
        ],
        "attempts": [_attempt_json(attempt) for attempt in drop.attempts],
        "requests": [{"kind": r.kind, "by": line(r.by), "at": iso(r.at)} for r in drop.requests],
        "notices": [notice_json(notice) for notice in drop.notices],
        "report": drop.report,
        "report_problem": line(drop.report_problem) or None,
    }


def _attempt_json(attempt: Attempt) -> dict[str, Any]:
    return {
        "run": attempt.run,
        "step": attempt.step,
        "loader": attempt.loader,
        "started": iso(attempt.started),
        "ended": iso(attempt.ended),
        "ending": attempt.ending,
        "reason": line(attempt.reason),
    }
